import { type OptionTable, positive, resolveOptions } from '../base/options.js'
import type { SecretSnapshot } from '../sources/snapshot.js'
import { SNAPSHOT_OPTIONS, storedSnapshot } from '../sources/stored-snapshot.js'
import { assertBinding, type KvBinding } from './bindings.js'

/** Options of {@link kvSnapshot}. */
export interface KvSnapshotOptions {
  /** The KV key of the snapshot. Use one for each account. Default `'countersign:secret'`. */
  key?: string | undefined
  /** Encrypts and authenticates the snapshot with AES-GCM: 16 or 32 bytes, or their base64. Without it, KV holds the secret as plain text, and anybody who can write there can replace it. */
  encryptionKey?: string | Uint8Array | undefined
  /** Seconds for which KV keeps the snapshot; at least 60. Default 604800 (7 days). */
  ttl?: number | undefined
}

const OPTIONS = {
  ...SNAPSHOT_OPTIONS,
  ttl: positive(604_800),
} satisfies OptionTable<KvSnapshotOptions>

/**
 * Keeps the last known secret in Workers KV, so that a Worker that starts during an outage of the account API can verify.
 *
 * KV cannot compare and replace in one step, and each location may see a value that is a minute old. So an older snapshot can
 * replace a newer one if two Workers save within about a minute. The next save corrects that.
 *
 * Throws a `TypeError` for a missing binding, and for an unknown or invalid option.
 *
 * @example
 * ```ts
 * import { accountSecret } from 'countersign/account'
 * import { kvSnapshot } from 'countersign/cloudflare'
 * import { env } from 'cloudflare:workers'
 *
 * const snapshot = kvSnapshot(env.SECRETS, { encryptionKey: env.SNAPSHOT_KEY })
 * export const secret = accountSecret({ token: env.ACCOUNT_TOKEN, snapshot })
 * ```
 */
export function kvSnapshot(binding: KvBinding, options: KvSnapshotOptions = {}): SecretSnapshot {
  const { key, ttl } = resolveOptions(options, OPTIONS)
  assertBinding(binding, 'a KV namespace', 'getWithMetadata', 'put')
  if (ttl < 60)
    throw new TypeError(
      `ttl must be 60 seconds or more, because KV keeps nothing for less, not ${ttl}`,
    )

  async function read(): Promise<{ text: string; version: number } | undefined> {
    const { value, metadata } = await binding.getWithMetadata(key, 'text')
    if (value === null) return undefined
    // Another value may have been stored by hand.
    const version = Number(Object(metadata).version)
    return { text: value, version: Number.isFinite(version) ? version : 0 }
  }

  async function write(value: string, version: number): Promise<boolean> {
    const stored = await read()
    if (stored && stored.version >= version) return false
    await binding.put(key, value, { expirationTtl: Math.ceil(ttl), metadata: { version } })
    return true
  }

  return storedSnapshot({ read, write }, key, options)
}
