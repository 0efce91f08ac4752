import type { VerificationKey } from '../delivery/types.js'
import { type ForgottenKey, isForgotten, joinForgotten } from './forgotten.js'
import { provingKey } from './proving-key.js'
import { RefreshError } from './refresh-error.js'
import { idsOf, isCurrent, isRetired, type RingKey } from './ring-key.js'

/** The account's current keys, the old keys that still verify, and the keys that were forgotten. Every time is in milliseconds since the epoch. */
export interface KnownKeys {
  /** Keys that verify at this time, newest first. Returns the same array while the keys are the same. */
  keys(now: number): readonly VerificationKey[]
  /** All keys that verify at this time, the account's current keys first. */
  entries(now: number): readonly RingKey[]
  /** When the last successful read started; `undefined` before the first, and if no current key is known any more. */
  readonly confirmedAt: number | undefined
  /** Since when every key of the account is known; `Infinity` before the first successful read. From before a rotation was seen not all are: another key may have been valid in between. */
  readonly completeSince: number
  readonly forgotten: readonly ForgottenKey[]
  /**
   * Takes over the account's current keys from a read that started at `begunAt`, without forgotten ones. Returns `true` if there is a new key.
   * Throws a {@link RefreshError} if every key was forgotten before.
   */
  take(keys: readonly RingKey[], begunAt: number, now: number): boolean
  /** Takes over the keys of an earlier process, unless a read has already succeeded. If they are `isOutdated`, old keys get no overlap. */
  restore(keys: readonly RingKey[], readAt: number, isOutdated?: boolean): void
  /** Drops every old key. It comes back only if a later answer of the account holds it. */
  forgetRetired(now: number): void
  /** Drops the keys that another process has forgotten. */
  forget(keys: readonly ForgottenKey[]): void
}

export interface KnownKeysOptions {
  /** How long an old key verifies. */
  readonly overlap: number
  /** How long a read may still return an old key after the sender has started to use a new one. */
  readonly lag?: number
  /** Called when a new key has verified its first delivery, which proves that the sender uses it. */
  readonly onProof?: () => void
}

/** Largest number of old keys that are kept, however often the account rotates. */
const MOST_RETIRED = 32
/** Largest number of fingerprints of old keys that are kept. */
const MOST_RETIRED_IDS = 1_000

export function createKnownKeys({ overlap, lag = 0, onProof }: KnownKeysOptions): KnownKeys {
  let known: readonly RingKey[] = []
  let valid: readonly VerificationKey[] = []
  /** Fingerprints of old keys, including those that no longer verify. */
  let retiredIds: readonly string[] = []
  let forgotten: readonly ForgottenKey[] = []
  let confirmedAt: number | undefined
  let completeSince = Infinity
  let areOutdated = false

  function hold(keys: readonly RingKey[]): void {
    known = keys
    valid = keys.map(({ key }) => key)
  }

  function entries(now: number): readonly RingKey[] {
    const isOver = ({ retiredAt = now }: RingKey): boolean =>
      retiredAt > now || retiredAt + overlap <= now
    const old = known.filter(isRetired)
    // At most the overlap from now, even if the clock was set back.
    if (old.some(isOver))
      hold([...known.filter(isCurrent), ...retire(old, now).filter((key) => !isOver(key))])
    return known
  }

  /** A known key stays the same object. A new key reports its first verified delivery. */
  function adopt(entry: RingKey): RingKey {
    const same = known.find(({ key }) => key.keyId === entry.key.keyId)
    if (same) return { ...entry, key: same.key }
    const isFirst = confirmedAt === undefined
    return isFirst || !onProof ? entry : { ...entry, key: provingKey(entry.key, onProof) }
  }

  function replace(keys: readonly RingKey[], now: number): void {
    const ids = idsOf(keys)
    const old = known.filter(({ key }) => !ids.includes(key.keyId))
    retiredIds = [...new Set([...idsOf(old), ...retiredIds])].slice(0, MOST_RETIRED_IDS)
    hold([...keys, ...(areOutdated ? [] : retire(old, now)).slice(0, MOST_RETIRED)])
    completeSince = now
  }

  /** The keys that were not forgotten since they were known. An answer may be older than its read by `lag`. */
  function unforgotten(keys: readonly RingKey[], readAt: number): readonly RingKey[] {
    return keys.filter(
      ({ key, retiredAt = readAt }) => !isForgotten(forgotten, key.keyId, retiredAt - lag),
    )
  }

  return {
    entries,
    keys(now) {
      entries(now)
      return valid
    },
    get confirmedAt() {
      return confirmedAt
    },
    get completeSince() {
      return completeSince
    },
    get forgotten() {
      return forgotten
    },

    take(keys, begunAt, now) {
      const once = new Map(keys.map((entry) => [entry.key.keyId, entry]))
      const left = unforgotten([...once.values()], begunAt)
      if (!left.length)
        throw new RefreshError(
          'secret_invalid',
          'the answer holds only keys that forgetPrevious() has dropped: issue a new key',
        )
      const before = idsOf(entries(now))
      const current = idsOf(known.filter(isCurrent))
      const ids = idsOf(left)
      const isNews = confirmedAt !== undefined && ids.some((id) => !before.includes(id))
      if (`${ids.sort()}` !== `${current.sort()}`) replace(left.map(adopt), now)
      // The account holds these keys again, so they are no longer forgotten.
      forgotten = forgotten.filter(({ keyId }) => !ids.includes(keyId))
      areOutdated = false
      confirmedAt = begunAt
      // For a clock that was set back, or an earlier process that knew the same keys.
      completeSince = Math.min(completeSince, now)
      return isNews
    },

    restore(keys, readAt, isOutdated = false) {
      const left = unforgotten(keys, readAt)
      if (confirmedAt !== undefined || !left.some(isCurrent)) return
      hold(left)
      areOutdated = isOutdated
      confirmedAt = readAt
    },

    forgetRetired(now) {
      const current = known.filter(isCurrent)
      const ids = idsOf(current)
      const old = [...idsOf(known), ...retiredIds].filter((id) => !ids.includes(id))
      forgotten = joinForgotten(
        old.map((keyId) => ({ keyId, at: now })),
        forgotten,
      )
      hold(current)
    },

    forget(keys) {
      forgotten = joinForgotten(forgotten, keys)
      const left = unforgotten(known, confirmedAt ?? 0)
      if (left.length < known.length) hold(left)
      if (left.some(isCurrent)) return
      // No key is known any more, so the next delivery reads the account first.
      confirmedAt = undefined
      completeSince = Infinity
    },
  }
}

function retire(keys: readonly RingKey[], now: number): RingKey[] {
  return keys.map((key) => ({ ...key, retiredAt: Math.min(key.retiredAt ?? now, now) }))
}
