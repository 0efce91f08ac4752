import { startTimer, type Timers } from '../base/timers.js'
import { notify } from '../delivery/report.js'
import type { ClaimResult, IdempotencyStore } from './store.js'

/** Ends a claim: a 2xx status commits it, anything else releases it. The first call counts. Resolves, never rejects, after the first try. */
export type Settle = (status?: number) => Promise<void>

export interface LeaseSettings extends Timers {
  readonly store: IdempotencyStore
  /** Seconds. */
  readonly lease: number
  readonly ttl: number
  readonly onError: ((error: unknown) => void) | undefined
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
export function createLease(settings: LeaseSettings, key: string, token: string): Lease {
  const { store, lease, ttl, onError } = settings
  let isHeld = false
  let timer: unknown
  let renewal: Promise<void> | undefined
  let settled: Promise<void> | undefined

  async function claim(): Promise<ClaimResult> {
    const result = await store.claim(key, { token, lease })
    if (!/^(claimed|done|in_progress)$/.test(result.state)) throw new TypeError('no known state')
    isHeld = result.state === 'claimed'
    return result
  }

  function renew(): void {
    // A third: one renewal may fail. Timers cannot count beyond 2 ** 31.
    timer = startTimer(settings, () => (renewal = renewOnce()), Math.min(lease * 333, 1e9))
  }

  async function renewOnce(): Promise<void> {
    try {
      await claim()
      if (!isHeld) return lost()
    } catch (error) {
      notify(onError, error)
    }
    if (!settled) renew()
  }

  async function finish(isDone: boolean, wait: number): Promise<void> {
    // A renewal on its way must not take the key again after it was released.
    await renewal
    try {
      if (!isDone) await store.release(key, { token })
      else if ((await store.commit(key, { token, ttl })) === false) lost()
    } catch (error) {
      notify(onError, error)
      // Doubling, these waits add up to the lease: by then the claim has run out.
      if (isHeld && wait < lease * 500) {
        startTimer(settings, () => finish(isDone, wait * 2), wait)
      }
    }
  }

  function lost(): void {
    notify(onError, new Error('the claim was lost to another attempt'))
  }

  return {
    claim,
    renew,
    settle(status = 0) {
      settings.clearTimeout(timer)
      settled ??= finish(status >= 200 && status < 300, FIRST_WAIT)
      return settled
    },
  }
}
