import { toMilliseconds } from '../base/milliseconds.js'
import { type OptionTable, resolveOptions, text } from '../base/options.js'
import { assertCalled } from '../idempotency/assert-called.js'
import type { ClaimResult, IdempotencyStore } from '../idempotency/store.js'
import type { RedisClient } from './redis-client.js'
import { REDIS_OPTIONS, type RedisOptions } from './redis-options.js'
import { createRunScript } from './run-script.js'
import { CLAIM, COMMIT, RELEASE } from './scripts.js'

/** Options of {@link redisStore}. */
export interface RedisStoreOptions extends RedisOptions {
  /** Prefix of every Redis key. Default `'countersign:'`. */
  prefix?: string | undefined
}

const OPTIONS = {
  prefix: text('countersign:'),
  ...REDIS_OPTIONS,
} satisfies OptionTable<RedisStoreOptions>

/**
 * Remembers deliveries in Redis, for any number of processes. Each operation is one round trip and one atomic step on the server.
 * Keys expire by the server's clock. Each operation uses one key, so a cluster works too.
 *
 * Takes a connected client of `redis`, `ioredis`, `@upstash/redis` or `@vercel/kv`. If an operation fails (no connection, READONLY,
 * LOADING, a time-out), the delivery is refused with `store_unavailable`; see `onStoreError`.
 *
 * Throws a `TypeError` for a client of another kind, and for an unknown or invalid option.
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
  assertCalled(client, 'redisStore(client)')
  const settings = resolveOptions(options, OPTIONS)
  const { prefix } = settings
  const run = createRunScript(client, settings)

  return {
    async claim(key, { token, lease, digest = '' }) {
      const answer = await run(CLAIM, prefix + key, token, toMilliseconds(lease), digest)
      return toResult(parse(answer))
    },
    async commit(key, { token, ttl, digest }) {
      const values = [token, toMilliseconds(ttl), digest || '1']
      return parse(await run(COMMIT, prefix + key, ...values)).number === 1
    },
    release: (key, { token }) => run(RELEASE, prefix + key, token),
  }
}

function toResult({ number, ...digest }: Answer): ClaimResult {
  if (number === -1) return { state: 'claimed' }
  if (number === -2) return { state: 'done', ...digest }
  return { state: 'in_progress', retryAfter: number / 1000, ...digest }
}

interface Answer {
  readonly number: number
  readonly digest?: string
}

/** Some clients are configured to return numbers as text. Any other answer does not come from these scripts; in particular, nil must not count as 0. */
function parse(answer: unknown): Answer {
  const [, number, digest] = /^(-[12]|\d+)(?: (.+))?$/.exec(String(answer)) ?? []
  // A list of one number has the same text.
  if (number && !Array.isArray(answer)) return { number: +number, ...(digest && { digest }) }
  throw new TypeError(
    'Redis must answer the script with a whole number: does a proxy or another wrapper of the client change its answers?',
  )
}
