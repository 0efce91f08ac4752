import { toMilliseconds } from '../base/milliseconds.js'
import type { Timers } from '../base/timers.js'
import { within } from '../base/within.js'

/**
 * Resolves to the result of `work`, or rejects after `timeout` seconds. If `work` fails before that, it is tried once more: connections to an
 * object or a database break now and then (for example, with each deployment). Each operation has a token and so can be repeated.
 */
export function inTime<T>(
  settings: Timers & { readonly timeout: number },
  who: string,
  work: () => Promise<T>,
): Promise<T> {
  // Timers take at most 2 ** 31 milliseconds.
  const milliseconds = Math.min(toMilliseconds(settings.timeout), 1e9)
  const message = `${who} did not answer within ${milliseconds} ms: raise timeout if it is slow but healthy`
  return within(settings, { milliseconds, message }, async (waiting) => {
    try {
      return await work()
    } catch (error) {
      // Cloudflare marks errors of an overloaded object.
      if (waiting.isOver || Object(error).overloaded === true) throw error
      return work()
    }
  })
}
