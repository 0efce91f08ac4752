import { startTimerBehind, type Timers } from '../base/timers.js'
import { notify } from '../delivery/report.js'
import type { SettledEvent, WebhookClaim } from '../delivery/types.js'
import type { ClaimResult, IdempotencyStore } from './store.js'

/** Ends a claim: a 2xx status commits it, anything else releases it. The first call counts. Resolves, never rejects, after the first try. */
export interface Settle {
  (status?: number): Promise<void>
  /** The sender has left while the handler is at work: the claim is held until it is settled or its lease runs out, and no longer renewed. */
  hungUp(): void
}

export interface LeaseSettings extends Timers {
  readonly store: IdempotencyStore
  /** Seconds. */
  readonly lease: number
  readonly ttl: number
  readonly onError: ((error: unknown) => void) | undefined
}

/** One attempt at handling a delivery, and what to call when a claim that was held has ended. */
export interface LeaseOf extends WebhookClaim {
  readonly digest?: string | undefined
  onEnd(outcome: SettledEvent['outcome'], status: number | undefined): void
}

/** One attempt at handling a delivery. */
export interface Lease {
  claim(): Promise<ClaimResult>
  /** Renews the claim until it is settled. */
  renew(): void
  readonly settle: Settle
}

const FIRST_WAIT = 100

/** One key held by one token: taken, renewed behind, and committed or released once. */
export function createLease(
  settings: LeaseSettings,
  { key, token, digest, onEnd }: LeaseOf,
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
    if (!/^(claimed|done|in_progress)$/.test(result.state)) throw new TypeError('no known state')
    isHeld = result.state === 'claimed'
    return result
  }

  function renew(): void {
    isRunning = true
    // A third: one renewal may fail. Timers cannot count beyond 2 ** 31.
    timer = startTimerBehind(settings, () => (renewal = renewOnce()), Math.min(lease * 333, 1e9))
  }

  async function renewOnce(): Promise<void> {
    const before = timer
    try {
      const { state } = await claim()
      if (state === 'in_progress') reportLoss()
      // Done: by a transaction of the handler's own (`commitWith`), or by another attempt, which the commit will tell.
      if (!isHeld) return
    } catch (error) {
      notify(onError, error)
    }
    if (!settled && timer === before) renew()
  }

  async function finish(status: number | undefined, wait: number): Promise<void> {
    // A renewal on its way must not take the key again after it was released.
    await renewal
    try {
      end(await settleInStore(status), status)
    } catch (error) {
      notify(onError, error)
      // Doubling, these waits add up to the lease: by then the claim has run out.
      if (!isHeld || wait >= lease * 500) return end('lost', status)
      startTimerBehind(settings, () => finish(status, wait * 2), wait)
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
    notify(onError, new Error('the claim was lost to another attempt'))
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
