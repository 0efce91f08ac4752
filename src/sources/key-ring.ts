import { andThen } from '../base/awaitable.js'
import type { VerificationKey } from '../delivery/types.js'
import { type ForgottenKey, isForgotten, joinForgotten } from './forgotten.js'
import { RefreshError } from './refresh-error.js'

/** A key with the secret it came from, in the text form a snapshot stores. */
export interface RingKey {
  readonly key: VerificationKey
  readonly text: string
  /** When it was first seen not to be the account's any more; `undefined` for the account's own. */
  readonly retiredAt?: number | undefined
}

/** One question to the account, from when it is asked. */
export interface Read {
  /**
   * Takes the account's keys as they were when it was asked, unless a read begun later was answered before. Was a new key found?
   * Throws a {@link RefreshError} if every key was forgotten before.
   */
  confirm(keys: readonly RingKey[], now: number): boolean
  /** The same for keys that the account told of its own accord: no read that is under way may replace them. */
  overrule(keys: readonly RingKey[], now: number): boolean
  /** Was another read under way at any time since this one began? Then nobody can tell whose answer is newer. */
  isContested(): boolean
  /** Nothing more comes of it. */
  end(): void
}

/** What was known when a delivery arrived. */
export interface Sight {
  /** Has a read been answered that was begun after the delivery arrived? */
  hasNews(): boolean
  /** Were all keys known that can have been valid at `signedAt` (seconds since the epoch)? Then a mismatch is final. */
  covers(signedAt: number, now: number): boolean
}

/**
 * The account's keys as far as they are known: which verify now, and over which time that knowledge reaches.
 * No clock, no I/O: every time is handed in, in milliseconds since the epoch.
 */
export interface KeyRing {
  begin(now: number): Read
  sight(now: number): Sight
  /** Takes up what an earlier process knew, unless a read has been confirmed. Old keys of knowledge that is `outdated` get no overlap. */
  restore(keys: readonly RingKey[], readAt: number, outdated?: boolean): void
  /** Keys that verify at this time, newest first. The same array as long as they are the same keys. */
  keys(now: number): readonly VerificationKey[]
  /** All keys that verify at this time, the account's own first. */
  entries(now: number): readonly RingKey[]
  /** When the last confirmed read was begun; `undefined` before the first. */
  readonly confirmedAt: number | undefined
  readonly forgotten: readonly ForgottenKey[]
  /** Drops every old key, and never takes it up again unless the account names it later. */
  forgetRetired(now: number): void
  /** Drops the keys that another process has forgotten. */
  forget(keys: readonly ForgottenKey[]): void
}

/** How far, in milliseconds, a sender's clock may run behind ours; and the second that a timestamp is rounded down by. */
const MOST_BEHIND = 31_000
/** How far a sender's clock may run ahead. */
const MOST_AHEAD = 30_000
/** Old keys that are kept at the same time, however often the account changes its key. */
const MOST_RETIRED = 32

interface KeyRingOptions {
  /** How long an old key verifies. */
  readonly overlap: number
  /** How long a read may still show an old key after the sender has changed to a new one. */
  readonly lag?: number
  /** Called when a new key has verified its first delivery: somebody really signs with it. */
  readonly onProof?: () => void
}

export function createKeyRing({ overlap, lag = 0, onProof }: KeyRingOptions): KeyRing {
  let ring: readonly RingKey[] = []
  let valid: readonly VerificationKey[] = []
  /** Fingerprints of old keys, those that do not verify any more included. */
  let retired: readonly string[] = []
  let forgotten: readonly ForgottenKey[] = []
  let isOutdated = false
  // The order of reads is the order in which they were begun. Example: a read begins and is slow, rotate() begins and is answered with a
  // new key, then the read is answered with the old one: the account had read it before the rotation. So rotate() takes a new place at the
  // end, and the read's answer comes too late for its own.
  let begun = 0
  let open = 0
  /** Place of the answer that counts, and of the read that it came from. */
  let place = 0
  let answered = 0
  // Since when every key is known. What was valid before a change was seen is not: a third key may have come and gone.
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
      // No longer than the overlap from now on, also if the clock was set back.
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
    // The account names them again: what was forgotten is theirs once more.
    forgotten = forgotten.filter(({ keyId }) => !ids.includes(keyId))
    isOutdated = false
    last = begunAt
    // If the clock was set back, or an earlier process knew the same keys.
    first = Math.min(first, now)
    return isNews
  }

  /** A key that is known stays the same object; a new one says when it is proved. */
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
    throw new RefreshError('secret_invalid', 'the only key in the answer was forgotten before')
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
          // A time in the future tells of a sender's clock that is ahead: the delivery may be as old as that can be.
          const signed = claimed > arrived ? arrived - MOST_AHEAD : claimed
          if (last === undefined || signed < first) return false
          if (hasNews() && last >= arrived + lag) return true
          // A read of the future, from before the clock was set back, says nothing.
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
      // Nothing is known any more: the next delivery asks first.
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
