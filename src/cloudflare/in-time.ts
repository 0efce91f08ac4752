import { toMilliseconds } from '../base/milliseconds.js'
import type { Timers } from '../base/timers.js'
import { within } from '../base/within.js'

/** What `work` comes to, or a rejection after `timeout` seconds. */
export function inTime<T>(
  settings: Timers & { readonly timeout: number },
  who: string,
  work: Promise<T>,
): Promise<T> {
  // Timers cannot count beyond 2 ** 31.
  const milliseconds = Math.min(toMilliseconds(settings.timeout), 1e9)
  const message = `${who} did not answer within ${milliseconds} ms`
  return within(settings, { milliseconds, message }, () => work)
}
