import { notify } from '../base/notify.js'
import { startTimerBehind, type Timers } from '../base/timers.js'
import type { SettledEvent, WebhookClaim } from '../delivery/types.js'
import type { ClaimResult, IdempotencyStore } from './store.js'

/** Ends a claim: a 2xx status commits it, anything else releases it. Only the first call counts. Resolves after the first try and never rejects. */
export interface Settle {
  (status?: number): Promise<void>
  /** Call it if the sender hangs up while the handler runs. The claim is then held until it is settled or its lease runs out, but is no longer renewed. */
  hungUp(): void
}

export interface LeaseSettings extends Timers {
  readonly store: IdempotencyStore
  /** Seconds. */
  readonly lease: number
  readonly ttl: number
  readonly onError: ((error: unknown) => void) | undefined
}

/** One attempt to handle a delivery, and the function to call when its claim has ended. */
export interface LeaseOf extends WebhookClaim {
  readonly digest?: string | undefined
  /** Keeps the platform from ending the work that goes on behind the answer. */
  waitUntil(work: Promise<unknown>): void
  onEnd(outcome: SettledEvent['outcome'], status: number | undefined): void
}

/** One attempt to handle a delivery. */
export interface Lease {
  claim(): Promise<ClaimResult>
  /** Renews the claim until it is settled. */
  renew(): void
  readonly settle: Settle
}

const FIRST_WAIT = 100

/** One key held by one token. It is claimed, renewed in the background, and committed or released once. */
export function createLease(
  settings: LeaseSettings,
  { key, token, digest, waitUntil, onEnd }: LeaseOf,
): Lease {
  const { store, lease, ttl, onError } = settings
  const entry = digest === undefined ? { token } : { token, digest }
  let isHeld = false
  let isRunning = false
  let timer: unknown
  let renewal: Promise<void> | undefined
  let settled: Promise<void> | undefined

  async function claim(): Promise<ClaimResult> {
    const result = await store.claim(key, { ...entry, lease })
    if (!/^(claimed|done|in_progress)$/.test(result.state)) {
      throw new TypeError(
        "the store's claim() must resolve to { state: 'claimed' | 'done' | 'in_progress' }: test the store with storeContract",
      )
    }
    isHeld = result.state === 'claimed'
    return result
  }

  function renew(): void {
    isRunning = true
    // A third of the lease, so that one renewal may fail. Timers take at most 2 ** 31 milliseconds.
    timer = startTimerBehind(settings, () => (renewal = renewOnce()), Math.min(lease * 333, 1e9))
  }

  async function renewOnce(): Promise<void> {
    const before = timer
    try {
      const { state } = await claim()
      if (state === 'in_progress') reportLoss()
      // Done by the handler's own transaction (`commitWith`) or by another attempt; the commit finds out which.
      if (!isHeld) return
    } catch (error) {
      notify(onError, error)
    }
    if (!settled && timer === before) renew()
  }

  async function finish(status: number | undefined, wait: number): Promise<void> {
    // Wait for a running renewal, which must not take the key again after the release.
    await renewal
    try {
      end(await settleInStore(status), status)
    } catch (error) {
      notify(onError, error)
      // The waits double and add up to the lease. After that the claim has run out.
      if (!isHeld || wait >= lease * 500) return end('lost', status)
      waitUntil(
        new Promise<void>((resolve) =>
          startTimerBehind(settings, () => resolve(finish(status, wait * 2)), wait),
        ),
      )
    }
  }

  async function settleInStore(status = 0): Promise<SettledEvent['outcome']> {
    if (status >= 200 && status < 300) {
      if ((await store.commit(key, { ...entry, ttl })) !== false) return 'committed'
      reportLoss()
      return 'lost'
    }
    await store.release(key, { token })
    return 'released'
  }

  function end(outcome: SettledEvent['outcome'], status?: number): void {
    if (isRunning) onEnd(outcome, status)
    isRunning = false
  }

  function reportLoss(): void {
    notify(onError, new Error('the claim was lost, because its lease ran out: raise lease'))
  }

  function settle(status?: number): Promise<void> {
    settings.clearTimeout(timer)
    settled ??= finish(status, FIRST_WAIT)
    return settled
  }

  settle.hungUp = (): void => {
    if (settled) return
    settings.clearTimeout(timer)
    timer = startTimerBehind(settings, () => end('lost'), lease * 1000)
  }

  return { claim, renew, settle }
}
