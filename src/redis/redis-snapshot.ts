import { assertPositive, resolveOptions } from '../base/options.js'
import type { SecretSnapshot } from '../sources/snapshot.js'
import { createRun, type RedisClient } from './client.js'
import {
  milliseconds,
  REDIS_DEFAULTS,
  type RedisOptions,
  type RedisSettings,
} from './redis-options.js'
import { LOAD, SAVE } from './scripts.js'
import { createSeal, NO_SEAL } from './seal.js'

/** Options of {@link redisSnapshot}. */
export interface RedisSnapshotOptions extends RedisOptions {
  /** The key it lies at; one for each account. Default `'countersign:secret'`. */
  key?: string | undefined
  /** 16 or 32 bytes, or their base64: encrypts and authenticates the snapshot (AES-GCM). Without it the secret lies in Redis in the clear, and whoever can write there can choose it. */
  encryptionKey?: string | Uint8Array | undefined
  /** How long Redis keeps it, in seconds. Default 604800 (7 days). */
  ttl?: number | undefined
}

interface Settings extends RedisSettings {
  readonly key: string
  readonly ttl: number
  readonly encryptionKey: unknown
}

const DEFAULTS = {
  key: 'countersign:secret',
  encryptionKey: undefined,
  ttl: 604_800,
  ...REDIS_DEFAULTS,
}

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
  const settings = resolveOptions<Settings>(options, DEFAULTS)
  const { key, ttl } = settings
  assertPositive('ttl', ttl)
  const seal = 'encryptionKey' in options ? createSeal(settings.encryptionKey, key) : NO_SEAL
  const run = createRun(client, settings)

  return {
    async load() {
      const stored = await run(LOAD, key)
      // Some clients are set to hand out bytes.
      return stored == null ? undefined : seal.open(String(stored))
    },
    save: async (snapshot) => run(SAVE, key, await seal.close(snapshot), milliseconds(ttl)),
  }
}
