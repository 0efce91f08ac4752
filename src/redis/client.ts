import { assertPositive } from '../base/options.js'
import { startTimer } from '../base/timers.js'
import { milliseconds, type RedisSettings } from './redis-options.js'
import type { Script } from './scripts.js'

/** The part of a client or cluster of the `redis` package (node-redis) that is used. */
export interface NodeRedisClient {
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  readonly isReady?: boolean
  withCommandOptions?(options: { timeout: number }): Pick<NodeRedisClient, 'evalSha' | 'eval'>
  on?(event: 'error', listener: (error: unknown) => void): unknown
  listenerCount?(event: 'error'): number
}

/** The part of a client or cluster of the `ioredis` package that is used. */
export interface IoRedisClient {
  evalsha(sha: string, numKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  eval(script: string, numKeys: number, ...keysAndArguments: string[]): Promise<unknown>
}

export type RedisClient = NodeRedisClient | IoRedisClient

/** Runs one script on one key. */
export type Run = (script: Script, key: string, ...values: (string | number)[]) => Promise<unknown>

interface Call {
  bySha(script: Script, key: string, values: string[]): Promise<unknown>
  bySource(script: Script, key: string, values: string[]): Promise<unknown>
}

/** Runs a script until somebody has given up waiting. */
type Attempt = (
  script: Script,
  key: string,
  values: string[],
  isLate: () => boolean,
) => Promise<unknown>

/**
 * One way to both clients: by SHA, or by source where the server does not know the script (yet, or after a restart).
 * Rejects after `timeout` seconds at the latest. Throws a `TypeError` for a client of another kind.
 */
export function createRun(client: RedisClient, settings: RedisSettings): Run {
  assertPositive('timeout', settings.timeout)
  // Timers cannot count beyond 2 ** 31.
  const timeout = Math.min(milliseconds(settings.timeout), 1e9)
  /** Commands that nobody waits for any more, and the client still keeps. */
  let kept = 0
  const attempt = createAttempt(toCall(client, timeout, () => kept > 0))

  return (script, key, ...values) =>
    new Promise((resolve, reject) => {
      let isLate = false
      const giveUp = (): void => {
        isLate = true
        kept++
        reject(new Error(`Redis did not answer within ${timeout} ms`))
      }
      const timer = startTimer(settings, giveUp, timeout)
      attempt(script, key, values.map(String), () => isLate)
        .then(resolve, reject)
        .finally(() => {
          settings.clearTimeout(timer)
          if (isLate) kept--
        })
    })
}

function createAttempt({ bySha, bySource }: Call): Attempt {
  return async function attempt(script, key, values, isLate) {
    try {
      return await bySha(script, key, values)
    } catch (error) {
      const isUnknown = String((error as Error | null)?.message).startsWith('NOSCRIPT')
      // Late, it would run after whatever has been done about the silence.
      if (!isUnknown || isLate()) throw error
      return bySource(script, key, values)
    }
  }
}

function toCall(client: RedisClient, timeout: number, isStuck: () => boolean): Call {
  if ('evalSha' in Object(client)) {
    return toNodeRedisCall(client as NodeRedisClient, timeout, isStuck)
  }
  if (!('evalsha' in Object(client))) {
    throw new TypeError('client must be a client of the redis or of the ioredis package')
  }
  const redis = client as IoRedisClient
  return {
    bySha: ({ sha }, key, values) => redis.evalsha(sha, 1, key, ...values),
    bySource: ({ source }, key, values) => redis.eval(source, 1, key, ...values),
  }
}

function toNodeRedisCall(client: NodeRedisClient, timeout: number, isStuck: () => boolean): Call {
  // Without a listener this client ends the process when its connection breaks; every command that fails is reported anyway.
  if (client.listenerCount?.('error') === 0) client.on?.('error', () => {})
  /** While the client, or a node of its cluster, is offline, it keeps commands for ever, unless each one has a time-out (which is dear, so only then). */
  const current = (): Pick<NodeRedisClient, 'evalSha' | 'eval'> => {
    const isOffline = client.isReady === false || isStuck()
    return (isOffline && client.withCommandOptions?.({ timeout })) || client
  }
  return {
    bySha: ({ sha }, key, values) => current().evalSha(sha, { keys: [key], arguments: values }),
    bySource: ({ source }, key, values) =>
      current().eval(source, { keys: [key], arguments: values }),
  }
}
