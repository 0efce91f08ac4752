import type { Awaitable } from '../base/awaitable.js'
import { MOST_APART } from './clocks.js'
import { type ForgottenKey, isForgotten, joinForgotten } from './forgotten.js'
import { RefreshError } from './refresh-error.js'
import { type RingKey, toRingKey } from './ring-key.js'

/**
 * Stores the last known secret, so that a cold start survives an outage of the account API.
 * The text holds the secret: store it as you would the secret itself.
 */
export interface SecretSnapshot {
  /** Returns the text that was saved last; `undefined` or `null` if there is none. */
  load(): Awaitable<string | null | undefined>
  /**
   * Replaces the stored snapshot if its `version` is lower. It compares and replaces in one atomic step.
   * Resolves to `false` if it kept the stored snapshot. Any other value means that `snapshot` is stored.
   * If only one process writes, it need not compare.
   */
  save(snapshot: string, options: { readonly version: number }): Awaitable<unknown>
}

/** A key as a snapshot holds it. */
interface StoredKey {
  readonly secret: string
  readonly keyId: string
  /** `null` for the account's own keys. */
  readonly retiredAt: number | null
}

/** The content of a snapshot. */
export interface SnapshotContent {
  /** One more than the version of the snapshot that it replaces. */
  readonly version: number
  /** When the read that returned the keys started, in milliseconds since the epoch. */
  readonly readAt: number
  readonly keys: readonly StoredKey[]
  readonly forgotten: readonly ForgottenKey[]
}

const FORMAT = 2

export function toStoredKeys(entries: readonly RingKey[]): readonly StoredKey[] {
  return entries.map(({ text, key, retiredAt = null }) => ({
    secret: text,
    keyId: key.keyId,
    retiredAt,
  }))
}

export function serializeSnapshot(content: SnapshotContent): string {
  return JSON.stringify({ format: FORMAT, ...content })
}

/** Throws a {@link RefreshError} for a text that is damaged. */
export function parseSnapshot(text: string): SnapshotContent {
  try {
    const { format, ...content }: SnapshotContent & { format?: unknown } = JSON.parse(text)
    if (format === FORMAT && isContent(content)) return content
  } catch {
    // No `cause` below: the runtime's message quotes the text, which holds the secret.
  }
  throw damaged()
}

function damaged(): RefreshError {
  return new RefreshError(
    'snapshot_invalid',
    'the snapshot is damaged or from an older release; the next read replaces it',
  )
}

function isContent({ version, readAt, keys, forgotten }: SnapshotContent): boolean {
  const isTime: (time: unknown) => boolean = Number.isFinite
  return (
    Number.isSafeInteger(version) &&
    isTime(readAt) &&
    keys.every((key) => key.retiredAt === null || isTime(key.retiredAt)) &&
    keys.some(({ retiredAt }) => retiredAt === null) &&
    forgotten.every(({ keyId, at }) => typeof keyId === 'string' && isTime(at))
  )
}

/** The keys of a snapshot. Rejects with a {@link RefreshError} for one that is too old, or whose secrets cannot be used. */
export async function openSnapshot(
  { keys, readAt }: SnapshotContent,
  now: number,
  maxStale: number,
): Promise<readonly RingKey[]> {
  if (Math.abs(now - readAt) <= maxStale) {
    const opened = keys.map(({ secret, retiredAt }) => toRingKey(secret, 1, retiredAt ?? undefined))
    return Promise.all(opened).catch(() => {
      throw damaged()
    })
  }
  throw new RefreshError(
    'snapshot_invalid',
    'the snapshot is older than maxStale; the next read replaces it',
  )
}

/**
 * Merges several snapshots of one account: the keys of the newest read, without the keys that were forgotten after it,
 * and all forgotten keys. The version is the highest one. A read in the future counts for no keys.
 */
export function joinSnapshots(
  contents: readonly SnapshotContent[],
  now: number,
): SnapshotContent | undefined {
  const forgotten = joinForgotten(...contents.map((content) => content.forgotten))
  const version = Math.max(...contents.map((content) => content.version))
  const newestFirst = [...contents].sort((a, b) => b.readAt - a.readAt)
  for (const { readAt, keys } of newestFirst) {
    const kept = keys.filter(
      ({ keyId, retiredAt }) => !isForgotten(forgotten, keyId, retiredAt ?? readAt),
    )
    // A time that lies ahead comes from a wrong clock, and until then nothing would replace it.
    if (readAt <= now + MOST_APART && kept.some(({ retiredAt }) => retiredAt === null))
      return { version, readAt, keys: kept, forgotten }
  }
  return undefined
}

/** Checks whether `other` already holds everything in `content`. */
export function isContained(content: SnapshotContent, other: SnapshotContent): boolean {
  return (
    content.readAt <= other.readAt &&
    content.forgotten.every(({ keyId, at }) => isForgotten(other.forgotten, keyId, at))
  )
}
