import { toMilliseconds } from '../base/milliseconds.js'
import { type OptionTable, resolveOptions, text } from '../base/options.js'
import type { ClaimResult, IdempotencyStore } from '../idempotency/store.js'
import { createRun } from './client.js'
import type { RedisClient } from './kinds.js'
import { REDIS_OPTIONS, type RedisOptions } from './redis-options.js'
import { CLAIM, COMMIT, RELEASE } from './scripts.js'

/** Options of {@link redisStore}. */
export interface RedisStoreOptions extends RedisOptions {
  /** What stands before every key. Default `'countersign:'`. */
  prefix?: string | undefined
}

const OPTIONS = {
  prefix: text('countersign:'),
  ...REDIS_OPTIONS,
} satisfies OptionTable<RedisStoreOptions>

/**
 * Remembers deliveries in Redis, for any number of processes. One round trip per operation, atomic on the server,
 * with expiry by the server's clock. Each operation touches one key, so a cluster is fine.
 *
 * Takes a connected client of `redis`, `ioredis`, `@upstash/redis` or `@vercel/kv`. Whatever fails there (no connection, READONLY,
 * LOADING, a time-out) makes the delivery `store_unavailable`; see `onStoreError`.
 *
 * Throws a `TypeError` for a client of any other kind, and for an option that is unknown or wrong.
 *
 * @example
 * ```ts
 * import { verifyWebhook } from 'countersign/express'
 * import { redisStore } from 'countersign/redis'
 * import { createClient } from 'redis'
 * const client = createClient({ url: process.env.REDIS_URL ?? '' })
 * await client.connect()
 * export const webhooks = verifyWebhook({
 *   secret: process.env.WEBHOOK_SECRET ?? '',
 *   idempotency: redisStore(client),
 * })
 * ```
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): IdempotencyStore {
  const settings = resolveOptions(options, OPTIONS)
  const { prefix } = settings
  const run = createRun(client, settings)

  return {
    claim: async (key, { token, lease }) =>
      toResult(integer(await run(CLAIM, prefix + key, `t${token}`, toMilliseconds(lease)))),
    commit: async (key, { token, ttl }) =>
      integer(await run(COMMIT, prefix + key, `t${token}`, toMilliseconds(ttl))) === 1,
    release: (key, { token }) => run(RELEASE, prefix + key, `t${token}`),
  }
}

function toResult(left: number): ClaimResult {
  if (left === -1) return { state: 'claimed' }
  if (left === -2) return { state: 'done' }
  return { state: 'in_progress', retryAfter: left / 1000 }
}

/** Some clients are set to hand out numbers as text. Anything else was not said by our scripts, and nil must not pass for 0. */
function integer(answer: unknown): number {
  if (typeof answer !== 'object' && /^(-[12]|\d+)$/.test(String(answer))) return Number(answer)
  throw new TypeError('the answer of Redis is not of our script')
}
