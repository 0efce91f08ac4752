import { toMilliseconds } from '../base/milliseconds.js'
import { startTimer } from '../base/timers.js'
import { type Call, type RedisClient, toCall } from './redis-client.js'
import type { RedisSettings } from './redis-options.js'
import { CLAIM, type Script } from './scripts.js'

/** Runs one script on one key. */
export type RunScript = (
  script: Script,
  key: string,
  ...values: (string | number)[]
) => Promise<unknown>

/** Runs a script. `isLate` tells whether the caller has given up waiting. */
type Attempt = (
  script: Script,
  key: string,
  values: string[],
  isLate: () => boolean,
) => Promise<unknown>

/**
 * Runs scripts on every kind of client: by SHA, or by source if the server does not know the script (at first, or after a restart).
 * Rejects after `timeout` seconds at the latest. Throws a `TypeError` for a client of another kind.
 */
export function createRunScript(client: RedisClient, settings: RedisSettings): RunScript {
  // Timers take at most 2 ** 31 milliseconds.
  const timeout = Math.min(toMilliseconds(settings.timeout), 1e9)
  /** Number of commands that the client still keeps although the caller has given up. */
  let kept = 0
  const attempt = createAttempt(toCall(client, { timeout, isStuck: () => kept > 0 }))

  return (script, key, ...values) =>
    new Promise((resolve, reject) => {
      let isLate = false
      const giveUp = (): void => {
        isLate = true
        kept++
        reject(
          new Error(
            `Redis did not answer within ${timeout} ms: check the connection, or raise timeout`,
          ),
        )
      }
      const timer = startTimer(settings, giveUp, timeout)
      const end = (): void => {
        settings.clearTimeout(timer)
        if (isLate) kept--
      }
      attempt(script, key, values.map(String), () => isLate).then(
        (answer) => {
          end()
          resolve(answer)
        },
        (error) => {
          end()
          reject(error)
        },
      )
    })
}

function createAttempt({ bySha, bySource }: Call): Attempt {
  return async function attempt(script, key, values, isLate) {
    try {
      return await bySha(script, key, values)
    } catch (error) {
      // Upstash's pipelines put a prefix before the message.
      const isUnknown = /^(Command failed: )?NOSCRIPT/.test(
        String((error as Error | null)?.message),
      )
      // If the caller has given up, a claim must not be taken any more. The release that follows must run, however late.
      if (!isUnknown || (script === CLAIM && isLate())) throw error
      return bySource(script, key, values)
    }
  }
}
