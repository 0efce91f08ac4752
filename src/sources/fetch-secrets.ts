import type { Awaitable } from '../awaitable.js'
import { startTimer, type Timers } from '../timers.js'
import type { Secret } from '../types.js'
import { RefreshError } from './refresh-error.js'

/** Asks for the secret or secrets that are valid now; `signal` is aborted when the answer comes too late. */
export type FetchSecrets = (request: {
  signal: AbortSignal
}) => Awaitable<Secret | readonly Secret[]>

interface Attempt extends Timers {
  /** One call of the account. */
  readonly call: (signal: AbortSignal) => Promise<void>
  readonly abort: AbortController
  /** Milliseconds in all, retries included. */
  readonly timeout: number
  readonly mayRetry: boolean
  readonly now: () => number
  readonly random: () => number
}

const MAX_CALLS = 3
const FIRST_WAIT = 250

/**
 * Calls once and, where the trouble may pass (429, 5xx, no answer), up to twice more within `timeout`.
 * Rejects with the last error, or as soon as the time is up.
 */
export async function callWithin(attempt: Attempt): Promise<void> {
  const { abort, timeout } = attempt
  const late = new RefreshError('timeout', `no answer within ${timeout / 1000} s`)
  const timer = startTimer(attempt, () => abort.abort(late), timeout)
  const stopped = new Promise<never>((_, reject) => {
    abort.signal.addEventListener('abort', () => reject(abort.signal.reason))
  })
  const answered = callAndRetry(attempt, attempt.now() + timeout)
  // Whichever loses the race may fail later, when nobody is left to hear it.
  answered.catch(() => {})
  stopped.catch(() => {})
  try {
    await Promise.race([answered, stopped])
  } finally {
    attempt.clearTimeout(timer)
  }
}

async function callAndRetry(attempt: Attempt, deadline: number): Promise<void> {
  const { call, abort, mayRetry, now, random } = attempt
  for (let calls = 1; ; calls++) {
    try {
      return await call(abort.signal)
    } catch (error) {
      const wait = retryAfter(error) ?? FIRST_WAIT * 2 ** calls * (0.5 + 0.5 * random())
      const goesOn = mayRetry && calls < MAX_CALLS && mayPass(error) && now() + wait < deadline
      if (!goesOn || abort.signal.aborted) throw error
      await sleep(wait, attempt, abort.signal)
    }
  }
}

/** Nothing an answer said once and will say again: no answer at all, 429, 5xx. */
function mayPass(error: unknown): boolean {
  const { status, reason } = (error ?? {}) as { status?: number; reason?: string }
  if (typeof status === 'number') return status === 429 || status >= 500
  return reason === undefined || reason === 'network'
}

function retryAfter(error: unknown): number | undefined {
  const seconds = (error as { retryAfter?: unknown } | null)?.retryAfter
  return typeof seconds === 'number' && seconds >= 0 ? seconds * 1000 : undefined
}

function sleep(milliseconds: number, timers: Timers, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = startTimer(timers, resolve, milliseconds)
    signal.addEventListener('abort', () => {
      timers.clearTimeout(timer)
      resolve()
    })
  })
}
