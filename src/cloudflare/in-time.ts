import { toMilliseconds } from '../base/milliseconds.js'
import type { Timers } from '../base/timers.js'
import { within } from '../base/within.js'

/**
 * What `work` comes to, or a rejection after `timeout` seconds. If it fails before that, it is tried once more: connections to an
 * object or a database break now and then (with each deployment, for example), and each operation may be repeated, since it has a token.
 */
export function inTime<T>(
  settings: Timers & { readonly timeout: number },
  who: string,
  work: () => Promise<T>,
): Promise<T> {
  // Timers cannot count beyond 2 ** 31.
  const milliseconds = Math.min(toMilliseconds(settings.timeout), 1e9)
  const message = `${who} did not answer within ${milliseconds} ms`
  return within(settings, { milliseconds, message }, async (waiting) => {
    try {
      return await work()
    } catch (error) {
      // Cloudflare marks an object that has too much to do already.
      if (waiting.isOver || Object(error).overloaded === true) throw error
      return work()
    }
  })
}
