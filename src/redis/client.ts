import { assertPositive } from '../options.js'
import { startTimer } from '../timers.js'
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

/**
 * One way to both clients: by SHA, or by source where the server does not know the script (yet, or after a restart).
 * Rejects after `timeout` seconds at the latest. Throws a `TypeError` for a client of another kind.
 */
export function createRun(client: RedisClient, settings: RedisSettings): Run {
  assertPositive('timeout', settings.timeout)
  // Timers cannot count beyond 2 ** 31.
  const timeout = Math.min(milliseconds(settings.timeout), 1e9)
  const { bySha, bySource } = toCall(client, timeout)

  async function run(script: Script, key: string, values: string[]): Promise<unknown> {
    try {
      return await bySha(script, key, values)
    } catch (error) {
      if (!String((error as Error | null)?.message).startsWith('NOSCRIPT')) throw error
      return bySource(script, key, values)
    }
  }

  return (script, key, ...values) =>
    new Promise((resolve, reject) => {
      const late = (): void => reject(new Error(`Redis did not answer within ${timeout} ms`))
      const timer = startTimer(settings, late, timeout)
      run(script, key, values.map(String))
        .then(resolve, reject)
        .finally(() => settings.clearTimeout(timer))
    })
}

function toCall(client: RedisClient, timeout: number): Call {
  if ('evalSha' in Object(client)) return toNodeRedisCall(client as NodeRedisClient, timeout)
  if (!('evalsha' in Object(client))) {
    throw new TypeError('client must be a client of the redis or of the ioredis package')
  }
  const redis = client as IoRedisClient
  return {
    bySha: ({ sha }, key, values) => redis.evalsha(sha, 1, key, ...values),
    bySource: ({ source }, key, values) => redis.eval(source, 1, key, ...values),
  }
}

function toNodeRedisCall(client: NodeRedisClient, timeout: number): Call {
  // Without a listener this client ends the process when its connection breaks; every command that fails is reported anyway.
  if (client.listenerCount?.('error') === 0) client.on?.('error', () => {})
  /** While the client is offline it keeps commands for ever, unless each one has a time-out (which is dear, so only then). */
  const current = (): Pick<NodeRedisClient, 'evalSha' | 'eval'> =>
    (client.isReady === false && client.withCommandOptions?.({ timeout })) || client
  return {
    bySha: ({ sha }, key, values) => current().evalSha(sha, { keys: [key], arguments: values }),
    bySource: ({ source }, key, values) =>
      current().eval(source, { keys: [key], arguments: values }),
  }
}
