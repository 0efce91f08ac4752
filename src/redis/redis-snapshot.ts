import { toMilliseconds } from '../base/milliseconds.js'
import { type OptionTable, positive, resolveOptions } from '../base/options.js'
import type { SecretSnapshot } from '../sources/snapshot.js'
import { SNAPSHOT_OPTIONS, storedSnapshot } from '../sources/stored-snapshot.js'
import type { RedisClient } from './redis-client.js'
import { REDIS_OPTIONS, type RedisOptions } from './redis-options.js'
import { createRunScript } from './run-script.js'
import { LOAD, SAVE } from './scripts.js'

/** Options of {@link redisSnapshot}. */
export interface RedisSnapshotOptions extends RedisOptions {
  /** The Redis key of the snapshot. Use one for each account. Default `'countersign:secret'`. */
  key?: string | undefined
  /** Encrypts and authenticates the snapshot with AES-GCM: 16 or 32 bytes, or their base64. Without it, Redis holds the secret as plain text, and anybody who can write there can replace it. */
  encryptionKey?: string | Uint8Array | undefined
  /** Seconds for which Redis keeps the snapshot. More than 0. Default 604800 (7 days). */
  ttl?: number | undefined
}

const OPTIONS = {
  ...SNAPSHOT_OPTIONS,
  ttl: positive(604_800),
  ...REDIS_OPTIONS,
} satisfies OptionTable<RedisSnapshotOptions>

/**
 * Keeps the last known secret in Redis, so that a cold start survives an outage of the account API.
 *
 * Throws a `TypeError` for an unknown or invalid option.
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
  const { key, ttl } = settings
  const run = createRunScript(client, settings)

  return storedSnapshot(
    {
      async read() {
        const stored = await run(LOAD, key)
        // Some clients are configured to return bytes.
        return stored == null ? undefined : parseStored(String(stored))
      },
      write: async (text, version) =>
        String(await run(SAVE, key, `${text} ${version}`, version, toMilliseconds(ttl))) !== '0',
    },
    key,
    options,
  )
}

/** The version after the text makes it invalid JSON, so Upstash's client does not parse it. A text without a version comes from an earlier release; every newer snapshot replaces it. */
function parseStored(stored: string): { text: string; version: number } {
  const [, text = stored, version = '0'] = /^(.*) (\d+)$/s.exec(stored) ?? []
  return { text, version: Number(version) }
}
