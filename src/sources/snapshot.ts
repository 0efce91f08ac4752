import { type Awaitable, all } from '../awaitable.js'
import { encodeBase64 } from '../bytes.js'
import { type KeyMaterial, parseSecret } from '../secrets.js'
import { importKey } from '../signature.js'
import type { KeyRing, RetiredKey, RingKey } from './key-ring.js'
import { RefreshError } from './refresh-error.js'

/** A place for the last known secret, so that a cold start survives an outage of the account API. The text holds the secret: store it as you would the secret itself. */
export interface SecretSnapshot {
  load(): Awaitable<string | null | undefined>
  save(snapshot: string): Awaitable<unknown>
}

interface Stored {
  readonly version: 1
  readonly readAt: number
  readonly keys: readonly string[]
  readonly retired: readonly { readonly secret: string; readonly until: number }[]
}

const CLOCK_SKEW = 300_000

export function serializeSnapshot(ring: KeyRing, now: number): string {
  const stored: Stored = {
    version: 1,
    readAt: ring.confirmedAt ?? now,
    keys: ring.current.map(({ text }) => text),
    retired: ring.retired(now).map(({ text, until }) => ({ secret: text, until })),
  }
  return JSON.stringify(stored)
}

/** Puts a stored snapshot into the ring. Throws a {@link RefreshError} for one that is damaged or too old. */
export async function restoreSnapshot(
  text: string,
  ring: KeyRing,
  { now, maxStale }: { now: number; maxStale: number },
): Promise<void> {
  const stored = parseStored(text)
  if (now - stored.readAt > maxStale || stored.readAt > now + CLOCK_SKEW) {
    throw new RefreshError('snapshot_invalid', 'the snapshot is outdated')
  }
  const keys = await all(stored.keys.map((secret) => toRingKey(secret, 1)))
  const secrets = stored.retired.filter(({ until }) => until > now)
  const retired: readonly RetiredKey[] = await Promise.all(
    secrets.map(async ({ secret, until }) => ({ ...(await toRingKey(secret, 1)), until })),
  )
  ring.restore(keys, retired, Math.min(stored.readAt, now))
}

/** A secret as a ring keeps it. Throws a `TypeError` for one that cannot be used. */
export async function toRingKey(
  secret: Parameters<typeof parseSecret>[0],
  minBytes?: number,
): Promise<RingKey> {
  const material = parseSecret(secret, minBytes)
  return { key: await importKey(material), text: toText(material) }
}

function toText({ scheme, bytes }: KeyMaterial): string {
  return (scheme === 'v1' ? 'wh_' : 'whpk_') + encodeBase64(bytes)
}

function parseStored(text: string): Stored {
  let value: Partial<Stored> | null
  try {
    value = JSON.parse(text)
  } catch {
    // No cause: the runtime's own message quotes the text, and that holds the secret.
    throw damaged()
  }
  const whole =
    value?.version === 1 &&
    Number.isFinite(value.readAt) &&
    Array.isArray(value.keys) &&
    value.keys.length > 0 &&
    Array.isArray(value.retired)
  if (!whole) throw damaged()
  return value as Stored
}

function damaged(): RefreshError {
  return new RefreshError('snapshot_invalid', 'the snapshot is damaged')
}
