import { type Awaitable, orAborted } from '../base/awaitable.js'
import { startTimer, type Timers } from '../base/timers.js'
import type { Secret } from '../delivery/types.js'
import { RefreshError, toRefreshError } from './refresh-error.js'

/** Resolves to the secret or secrets that are valid now. `signal` is aborted when the time is over. */
export type FetchSecrets = (request: {
  signal: AbortSignal
}) => Awaitable<Secret | readonly Secret[]>

interface Limits extends Timers {
  /** Milliseconds in total, including retries. */
  readonly timeout: number
  readonly now: () => number
  readonly random: () => number
}

const MAX_CALLS = 3
/** Seconds before the second call, at the least. */
const FIRST_WAIT = 0.25
/** Failures that may pass: no answer, 429, 5xx. */
const PASSING = /^(network|timeout|rate_limited|unavailable)$/

/**
 * Calls once. If retries are allowed and the failure may pass, it calls up to twice more within `timeout`.
 * Rejects with the last error, or as soon as the time is over or the call is aborted.
 */
export async function callWithin<T>(
  limits: Limits,
  abort: AbortController,
  call: (signal: AbortSignal) => Awaitable<T>,
  mayRetry?: boolean,
): Promise<T> {
  const { timeout, now, random } = limits
  const { signal } = abort
  const deadline = now() + timeout
  const timers: unknown[] = []

  function after(milliseconds: number, callback: () => void): void {
    timers.push(startTimer(limits, callback, milliseconds))
  }
  async function callAndRetry(calls: number): Promise<T> {
    try {
      return await call(signal)
    } catch (error) {
      const { reason, retryAfter = FIRST_WAIT * calls * (1 + random()) } = toRefreshError(error)
      const wait = retryAfter * 1000
      const goesOn = mayRetry && calls < MAX_CALLS && PASSING.test(reason)
      if (!goesOn || signal.aborted || !(now() + wait < deadline)) throw error
      await new Promise<void>((resolve) => after(wait, resolve))
      return callAndRetry(calls + 1)
    }
  }

  after(timeout, () =>
    abort.abort(
      new RefreshError(
        'timeout',
        `the secret was not fetched within ${timeout / 1000} s: check the connection, or raise timeout`,
      ),
    ),
  )
  try {
    // The promise that loses the race may still reject. The race has already handled it.
    return await orAborted(callAndRetry(1), signal)
  } finally {
    for (const timer of timers) limits.clearTimeout(timer)
  }
}
