import type { Script } from './scripts.js'

/** The part of a client, pool, sentinel or cluster of the `redis` package (node-redis, 4 or newer) that countersign uses. */
export interface NodeRedisClient {
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  readonly isReady?: boolean
  withCommandOptions?(options: { timeout: number }): Pick<NodeRedisClient, 'evalSha' | 'eval'>
  on?(event: 'error', listener: (error: unknown) => void): unknown
  listenerCount?(event: 'error'): number
}

/** The part of a client or cluster of the `ioredis` package that countersign uses. */
export interface IoRedisClient {
  evalsha(sha: string, numKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  eval(script: string, numKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  /** `defineCommand` and `on` distinguish this client from others that have `evalsha`. */
  defineCommand(...definition: never[]): unknown
  on(...listener: never[]): unknown
}

/** The part of a client of `@upstash/redis` or `@vercel/kv` that countersign uses. */
export interface UpstashRedisClient {
  evalsha(sha: string, keys: string[], values: string[]): Promise<unknown>
  eval(script: string, keys: string[], values: string[]): Promise<unknown>
  /** Distinguishes this client from others that have `evalsha`. */
  createScript(...script: never[]): unknown
}

export type RedisClient = NodeRedisClient | IoRedisClient | UpstashRedisClient

/** Runs one script on one key, sent by its SHA or as source. */
export interface Call {
  bySha(script: Script, key: string, values: string[]): Promise<unknown>
  bySource(script: Script, key: string, values: string[]): Promise<unknown>
}

/** `timeout`: longest time for a command, in milliseconds. `isStuck`: whether the client still keeps commands that were given up. */
export interface CallSettings {
  readonly timeout: number
  readonly isStuck: () => boolean
}

/** Throws a `TypeError` for a client of another kind. Does not use `in`, because `kv` of `@vercel/kv` is a proxy without own members. */
export function toCall(client: RedisClient, settings: CallSettings): Call {
  const shape: Record<string, unknown> = Object(client)
  const has = (name: string): boolean => typeof shape[name] === 'function'
  // The casts below follow from the methods that the client has.
  if (has('evalSha') && !isWithoutPromises(shape))
    return nodeRedis(client as NodeRedisClient, settings)
  if (has('evalsha') && has('createScript')) return upstash(client as UpstashRedisClient)
  // A pipeline of ioredis also has `defineCommand`, but it is not an event emitter.
  if (has('evalsha') && has('defineCommand') && has('on')) return ioRedis(client as IoRedisClient)
  throw new TypeError(
    `client must be a connected client of redis (4 or newer), ioredis, @upstash/redis or @vercel/kv; found ${found(shape, client)}`,
  )
}

/** In node-redis, a transaction and a client in legacy mode have an `evalSha` that does not return a promise. */
function isWithoutPromises({
  execAsPipeline,
  options,
  multi,
  on,
}: Record<string, unknown>): boolean {
  if (typeof execAsPipeline === 'function' || Object(options).legacyMode === true) return true
  return typeof multi === 'function' && typeof on !== 'function'
}

function found(shape: Record<string, unknown>, client: unknown): string {
  if (client === null || typeof client !== 'object')
    return String(typeof client === 'string' ? 'text' : client)
  if (typeof shape.then === 'function') return 'a promise: await it first'
  if (typeof shape.internal_send_command === 'function')
    return 'a client of redis 3 or older: update redis'
  if (typeof shape.evalSha === 'function') return 'a transaction or a client in legacy mode'
  if (typeof shape.exec === 'function') return 'a pipeline or a transaction: hand in its client'
  return 'an object of another kind'
}

function ioRedis(client: IoRedisClient): Call {
  return {
    bySha: ({ sha }, key, values) => client.evalsha(sha, 1, key, ...values),
    bySource: ({ source }, key, values) => client.eval(source, 1, key, ...values),
  }
}

function upstash(client: UpstashRedisClient): Call {
  return {
    bySha: ({ sha }, key, values) => client.evalsha(sha, [key], values),
    bySource: ({ source }, key, values) => client.eval(source, [key], values),
  }
}

function nodeRedis(client: NodeRedisClient, { timeout, isStuck }: CallSettings): Call {
  // Without a listener, this client ends the process if its connection breaks. Failed commands are reported anyway.
  if (client.listenerCount?.('error') === 0) client.on?.('error', () => {})
  /** While the client or a node of its cluster is offline, it keeps commands for ever unless they have a time-out. A time-out per command is expensive, so it is set only then. */
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
