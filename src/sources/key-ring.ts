import { andThen } from '../base/awaitable.js'
import type { VerificationKey } from '../delivery/types.js'
import { type ForgottenKey, isForgotten, joinForgotten } from './forgotten.js'
import { RefreshError } from './refresh-error.js'

/** A key with the secret it came from, in the text form a snapshot stores. */
export interface RingKey {
  readonly key: VerificationKey
  readonly text: string
  /** When a read first showed that the account no longer has this key; `undefined` for the account's current keys. */
  readonly retiredAt?: number | undefined
}

/** One read of the account, from its start. */
export interface Read {
  /**
   * Takes over the keys of the answer, unless a read that started later was answered before. Returns `true` if there is a new key.
   * Throws a {@link RefreshError} if every key was forgotten before.
   */
  confirm(keys: readonly RingKey[], now: number): boolean
  /** The same for keys from the answer to a rotation. No read that is in progress may replace them. */
  overrule(keys: readonly RingKey[], now: number): boolean
  /** `true` if another read was in progress at any time since this one started. Then it is unknown which answer is newer. */
  isContested(): boolean
  /** Ends the read. */
  end(): void
}

/** The knowledge at the time a delivery arrived. */
export interface Sight {
  /** `true` if a read that started after the delivery arrived has been answered. */
  hasNews(): boolean
  /** `true` if all keys are known that can have been valid at `signedAt` (seconds since the epoch). Then a mismatch is final. */
  covers(signedAt: number, now: number): boolean
}

/**
 * The known keys of the account: which of them verify now, and for which time they are known completely.
 * It has no clock and no I/O. Every time is a parameter, in milliseconds since the epoch.
 */
export interface KeyRing {
  begin(now: number): Read
  sight(now: number): Sight
  /** Takes over the keys of an earlier process, unless a read has already succeeded. If they are `outdated`, old keys get no overlap. */
  restore(keys: readonly RingKey[], readAt: number, outdated?: boolean): void
  /** Keys that verify at this time, newest first. Returns the same array while the keys are the same. */
  keys(now: number): readonly VerificationKey[]
  /** All keys that verify at this time, the account's current keys first. */
  entries(now: number): readonly RingKey[]
  /** When the last successful read started; `undefined` before the first. */
  readonly confirmedAt: number | undefined
  readonly forgotten: readonly ForgottenKey[]
  /** Drops every old key. It comes back only if a later answer of the account holds it. */
  forgetRetired(now: number): void
  /** Drops the keys that another process has forgotten. */
  forget(keys: readonly ForgottenKey[]): void
}

/** How far a sender's clock may be behind ours, in milliseconds, plus the second by which a timestamp is rounded down. */
const MOST_BEHIND = 31_000
/** How far a sender's clock may be ahead of ours, in milliseconds. */
const MOST_AHEAD = 30_000
/** Largest number of old keys that are kept, however often the account rotates. */
const MOST_RETIRED = 32

interface KeyRingOptions {
  /** How long an old key verifies. */
  readonly overlap: number
  /** How long a read may still return an old key after the sender has started to use a new one. */
  readonly lag?: number
  /** Called when a new key has verified its first delivery, which proves that the sender uses it. */
  readonly onProof?: () => void
}

export function createKeyRing({ overlap, lag = 0, onProof }: KeyRingOptions): KeyRing {
  let ring: readonly RingKey[] = []
  let valid: readonly VerificationKey[] = []
  /** Fingerprints of old keys, including those that no longer verify. */
  let retired: readonly string[] = []
  let forgotten: readonly ForgottenKey[] = []
  let isOutdated = false
  // Reads are ordered by their start. Example: a slow read starts, then rotate() starts and is answered with a
  // new key, then the read is answered with the old key, because the account read it before the rotation. So rotate() moves to the
  // end when it is answered, and the answer of the slow read is ignored as older.
  let begun = 0
  let open = 0
  /** Place of the answer that counts, and of the read that it came from. */
  let place = 0
  let answered = 0
  // The time since when every key is known. Keys from before a rotation was seen are not all known: another key may have been valid in between.
  let first = Infinity
  let last: number | undefined

  function hold(keys: readonly RingKey[]): void {
    ring = keys
    valid = ring.map(({ key }) => key)
  }

  function entries(now: number): readonly RingKey[] {
    const isOver = ({ retiredAt = now }: RingKey): boolean =>
      retiredAt > now || retiredAt + overlap <= now
    if (ring.some((key) => !isCurrent(key) && isOver(key))) {
      // At most the overlap from now, even if the clock was set back.
      const old = retire(
        ring.filter((key) => !isCurrent(key)),
        now,
      )
      hold([...ring.filter(isCurrent), ...old.filter((key) => !isOver(key))])
    }
    return ring
  }

  function replace(keys: readonly RingKey[], now: number): void {
    const ids = idsOf(keys)
    const old = ring.filter(({ key }) => !ids.includes(key.keyId))
    retired = [...new Set([...idsOf(old), ...retired])].slice(0, 1_000)
    hold([...keys, ...(isOutdated ? [] : retire(old, now)).slice(0, MOST_RETIRED)])
    entries(now)
    first = now
  }

  function take(keys: readonly RingKey[], begunAt: number, now: number): boolean {
    const known = idsOf(entries(now))
    const current = idsOf(ring.filter(isCurrent))
    const ids = idsOf(keys)
    const isNews = last !== undefined && ids.some((id) => !known.includes(id))
    if (`${ids.sort()}` !== `${current.sort()}`) replace(keys.map(adopt), now)
    // The account holds these keys again, so they are no longer forgotten.
    forgotten = forgotten.filter(({ keyId }) => !ids.includes(keyId))
    isOutdated = false
    last = begunAt
    // For a clock that was set back, or an earlier process that knew the same keys.
    first = Math.min(first, now)
    return isNews
  }

  /** A known key stays the same object. A new key reports its first verified delivery. */
  function adopt(entry: RingKey): RingKey {
    const known = ring.find(({ key }) => key.keyId === entry.key.keyId)
    if (known) return { ...entry, key: known.key }
    return last === undefined || !onProof ? entry : { ...entry, key: proving(entry.key, onProof) }
  }

  function usable(keys: readonly RingKey[], begunAt: number): readonly RingKey[] {
    const ids = idsOf(keys)
    const known = keys.filter(
      ({ key }, index) => ids.indexOf(key.keyId) === index && !isGone(key.keyId, begunAt),
    )
    if (known.length || !keys.length) return known
    throw new RefreshError(
      'secret_invalid',
      'the answer holds only keys that forgetPrevious() has dropped: issue a new key',
    )
  }

  /** An answer may be older than its read by `lag`. */
  function isGone(keyId: string, readAt: number): boolean {
    return isForgotten(forgotten, keyId, readAt - lag)
  }

  return {
    begin(now) {
      const mine = ++begun
      let isOpen = true
      const wasAlone = open++ === 0

      function answer(keys: readonly RingKey[], at: number, rank: number): boolean {
        const known = usable(keys, now)
        if (rank < place) return false
        place = rank
        answered = mine
        return take(known, now, at)
      }
      return {
        confirm: (keys, at) => answer(keys, at, mine),
        overrule: (keys, at) => answer(keys, at, ++begun),
        isContested: () => !wasAlone || begun > mine,
        end() {
          if (isOpen) open--
          isOpen = false
        },
      }
    },

    sight(arrived) {
      const before = begun
      const hasNews = (): boolean => answered > before
      return {
        hasNews,
        covers(signedAt, now) {
          const claimed = signedAt * 1000
          // If the timestamp is in the future, the sender's clock is ahead, and the delivery may be older by the allowed difference.
          const signed = claimed > arrived ? arrived - MOST_AHEAD : claimed
          if (last === undefined || signed < first) return false
          if (hasNews() && last >= arrived + lag) return true
          // A read with a time in the future is from before the clock was set back and does not count.
          return last >= signed + MOST_BEHIND + lag && last <= now
        },
      }
    },

    restore(keys, readAt, outdated = false) {
      if (last !== undefined) return
      const known = keys.filter(({ key, retiredAt }) => !isGone(key.keyId, retiredAt ?? readAt))
      if (!known.some(isCurrent)) return
      hold(known)
      isOutdated = outdated
      last = readAt
    },

    keys(now) {
      entries(now)
      return valid
    },
    entries,
    get confirmedAt() {
      return last
    },
    get forgotten() {
      return forgotten
    },

    forgetRetired(now) {
      const old = [...idsOf(ring.filter((key) => !isCurrent(key))), ...retired]
      const current = idsOf(ring.filter(isCurrent))
      const dropped = old.filter((id) => !current.includes(id))
      forgotten = joinForgotten(
        dropped.map((keyId) => ({ keyId, at: now })),
        forgotten,
      )
      hold(ring.filter(isCurrent))
    },

    forget(keys) {
      forgotten = joinForgotten(forgotten, keys)
      const isKept = ({ key, retiredAt = last ?? 0 }: RingKey): boolean =>
        !isGone(key.keyId, retiredAt)
      if (!ring.every(isKept)) hold(ring.filter(isKept))
      if (ring.some(isCurrent)) return
      // No key is known any more, so the next delivery reads the account first.
      last = undefined
      first = Infinity
    },
  }
}

function proving(key: VerificationKey, onProof: () => void): VerificationKey {
  let isProved = false
  function prove(isRight: boolean): boolean {
    if (isRight && !isProved) onProof()
    isProved ||= isRight
    return isRight
  }
  return { ...key, matches: (...signed) => andThen(key.matches(...signed), prove) }
}

function retire(keys: readonly RingKey[], now: number): RingKey[] {
  return keys.map((key) => ({ ...key, retiredAt: Math.min(key.retiredAt ?? now, now) }))
}

export function isCurrent({ retiredAt }: RingKey): boolean {
  return retiredAt === undefined
}

export function idsOf(keys: readonly RingKey[]): string[] {
  return keys.map(({ key }) => key.keyId)
}
