import type { Awaitable } from '../base/awaitable.js'
import { createWorkTimers } from '../base/timers.js'
import { callWithin } from './call-within.js'
import { RefreshError } from './refresh-error.js'
import type { RotatingSettings } from './rotating-options.js'

/** The calls of a source to the account and to the snapshot's store. */
export interface Calls {
  /** Makes one call, at most until the time-out or until the source is closed. */
  within<T>(call: (signal: AbortSignal) => Awaitable<T>, mayRetry?: boolean): Promise<T>
  /** Keeps the process alive until `work` is done. */
  waitFor<T>(work: Promise<T>): Promise<T>
  isClosed(): boolean
  /** Aborts the calls in progress. Later calls are rejected. */
  close(): void
}

export function createCalls(settings: RotatingSettings): Calls {
  const timers = createWorkTimers(settings)
  const limits = { ...settings, ...timers }
  const aborts = new Set<AbortController>()
  const closed = new RefreshError('network', 'the secret source is closed: create a new one')
  let isClosed = false

  return {
    async within(call, mayRetry) {
      if (isClosed) throw closed
      const abort = new AbortController()
      aborts.add(abort)
      return callWithin(limits, abort, call, mayRetry).finally(() => aborts.delete(abort))
    },
    waitFor: timers.waitFor,
    isClosed: () => isClosed,
    close() {
      isClosed = true
      for (const abort of aborts) abort.abort(closed)
    },
  }
}
