import { toMilliseconds } from '../base/milliseconds.js'
import { anything, type OptionTable, positive, resolveOptions, text } from '../base/options.js'
import type { SecretSnapshot } from '../sources/snapshot.js'
import { storedSnapshot } from '../sources/stored-snapshot.js'
import { createRun } from './client.js'
import type { RedisClient } from './kinds.js'
import { REDIS_OPTIONS, type RedisOptions } from './redis-options.js'
import { LOAD, SAVE } from './scripts.js'

/** Options of {@link redisSnapshot}. */
export interface RedisSnapshotOptions extends RedisOptions {
  /** The key it lies at; one for each account. Default `'countersign:secret'`. */
  key?: string | undefined
  /** 16 or 32 bytes, or their base64: encrypts and authenticates the snapshot (AES-GCM). Without it the secret lies in Redis in the clear, and whoever can write there can choose it. */
  encryptionKey?: string | Uint8Array | undefined
  /** How long Redis keeps it, in seconds. Default 604800 (7 days). */
  ttl?: number | undefined
}

const OPTIONS = {
  key: text('countersign:secret'),
  encryptionKey: anything<RedisSnapshotOptions['encryptionKey']>(undefined),
  ttl: positive(604_800),
  ...REDIS_OPTIONS,
} satisfies OptionTable<RedisSnapshotOptions>

/**
 * Keeps the last known secret in Redis, so that a cold start survives an outage of the account API.
 *
 * Throws a `TypeError` for an option that is unknown or wrong.
 *
 * @example
 * ```ts
 * import { accountSecret } from 'countersign/account'
 * import { redisSnapshot } from 'countersign/redis'
 * import { Redis } from 'ioredis'
 * const snapshot = redisSnapshot(new Redis(process.env.REDIS_URL ?? ''), {
 *   encryptionKey: process.env.SNAPSHOT_KEY,
 * })
 * export const secret = accountSecret({ token: process.env.ACCOUNT_TOKEN ?? '', snapshot })
 * ```
 */
export function redisSnapshot(
  client: RedisClient,
  options: RedisSnapshotOptions = {},
): SecretSnapshot {
  const settings = resolveOptions(options, OPTIONS)
  const { key, ttl, encryptionKey } = settings
  const run = createRun(client, settings)
  const sealing = Object.hasOwn(options, 'encryptionKey') ? { encryptionKey } : {}

  return storedSnapshot(
    {
      async read() {
        const stored = await run(LOAD, key)
        // Some clients are set to hand out bytes.
        return stored == null ? undefined : parseStored(String(stored))
      },
      write: async (text, version) =>
        String(await run(SAVE, key, `${text} ${version}`, version, toMilliseconds(ttl))) !== '0',
    },
    { name: key, ...sealing },
  )
}

/** No such text reads as JSON, so Upstash's client does not make an object of it. A text without a version was stored by an earlier release; any other replaces it. */
function parseStored(stored: string): { text: string; version: number } {
  const [, text = stored, version = '0'] = /^(.*) (\d+)$/s.exec(stored) ?? []
  return { text, version: Number(version) }
}
