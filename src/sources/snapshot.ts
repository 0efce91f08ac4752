import type { Awaitable } from '../base/awaitable.js'
import { encodeBase64 } from '../base/bytes.js'
import { parseSecret } from '../delivery/secrets.js'
import { importKey } from '../delivery/signature.js'
import type { Secret } from '../delivery/types.js'
import type { RingKey } from './key-ring.js'
import { RefreshError } from './refresh-error.js'

/**
 * A place for the last known secret, so that a cold start survives an outage of the account API.
 * The text holds the secret: store it as you would the secret itself.
 */
export interface SecretSnapshot {
  /** The text that was saved last; `undefined` or `null` if there is none. */
  load(): Awaitable<string | null | undefined>
  /**
   * Replaces what is stored if it has a lower `version`: compares and replaces in one atomic step.
   * Resolves to `false` if it kept what is stored; anything else means that `snapshot` is stored now.
   * A place that only one process writes to need not compare.
   */
  save(snapshot: string, options: { readonly version: number }): Awaitable<unknown>
}

interface Stored {
  readonly version: 1
  readonly readAt: number
  /** `until` is `null` for the account's own keys (JSON knows no `Infinity`). */
  readonly keys: readonly { readonly secret: string; readonly until: number | null }[]
}

export function serializeSnapshot(entries: readonly RingKey[], readAt: number | undefined): string {
  const keys = entries.map(({ text, until }) => ({ secret: text, until }))
  return JSON.stringify({ version: 1, readAt, keys })
}

/** Keys of a stored snapshot and when they were read. Throws a {@link RefreshError} for one that is damaged or too old. */
export async function parseSnapshot(
  snapshot: string,
  now: number,
  maxStale: number,
): Promise<{ keys: readonly RingKey[]; readAt: number }> {
  try {
    const { version, readAt, keys }: Stored = JSON.parse(snapshot)
    const isComplete = keys.every(({ until }) => until === null || until > 0)
    if (version === 1 && keys.length > 0 && isComplete && Math.abs(now - readAt) <= maxStale)
      return {
        readAt: Math.min(readAt, now),
        keys: await Promise.all(
          keys.map(({ secret, until }) => toRingKey(secret, 1, until ?? undefined)),
        ),
      }
  } catch {
    // No cause below: the runtime's own message quotes the text, and that holds the secret.
  }
  throw new RefreshError('snapshot_invalid', 'the snapshot is damaged or outdated')
}

/** A secret as a ring keeps it. Rejects with a `TypeError` for one that cannot be used. */
export async function toRingKey(
  secret: Secret,
  minBytes: number,
  until: number = Infinity,
): Promise<RingKey> {
  const material = parseSecret(secret, minBytes)
  const text = (material.scheme === 'v1' ? 'wh_' : 'whpk_') + encodeBase64(material.bytes)
  return { key: await importKey(material), text, until }
}
