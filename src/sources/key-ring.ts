import type { VerificationKey } from '../delivery/types.js'

/** A key with the secret it came from, in the text form a snapshot stores. */
export interface RingKey {
  readonly key: VerificationKey
  readonly text: string
  /** Milliseconds since the epoch at which an old key stops verifying; `Infinity` for the account's own. */
  readonly until: number
}

/** When a read was begun and answered, in milliseconds, and its place in the order in which reads were begun. */
export interface ReadTimes {
  readonly place: number
  readonly begun: number
  readonly ended: number
  /** Place of an answer that overrules all reads begun before it came: the account told us of its own accord. */
  readonly overrules?: number | undefined
}

/** How far, in milliseconds, a sender's clock may run behind ours; and the second that a timestamp is rounded down by. */
const CLOCK_SKEW = 31_000

/**
 * The account's keys as far as they are known: which verify now, and over which time that knowledge reaches.
 * No clock, no I/O: every time is handed in.
 */
export interface KeyRing {
  /** The next place in the order of reads. */
  begin(): number
  /** How many reads were begun so far. */
  readonly begun: number
  /** The place of the read that was confirmed last; 0 before the first. */
  readonly seen: number
  /** Takes the answer of a read, unless one begun later was answered before. Has a new key been found? */
  confirm(keys: readonly RingKey[], times: ReadTimes): boolean
  /** Takes up what an earlier process knew; without effect once a read has been confirmed. */
  restore(keys: readonly RingKey[], readAt: number): void
  /** Keys that verify at this time, newest first. The same array as long as they are the same keys. */
  keys(now: number): readonly VerificationKey[]
  /** Were all keys known that can have been valid when a delivery was signed, which arrived after `begun` reads? */
  covers(signedAt: number, begun: number, now: number): boolean
  /** When the last confirmed read was begun; `undefined` before the first. */
  readonly confirmedAt: number | undefined
  /** All keys that verify at this time, the account's own first. */
  entries(now: number): readonly RingKey[]
  forgetRetired(): void
}

export function createKeyRing(overlap: number): KeyRing {
  let ring: readonly RingKey[] = []
  let valid: readonly VerificationKey[] = []
  let begun = 0
  let place = 0
  let seen = 0
  // Since when every key is known. What was valid before a change was seen is not: a third key may have come and gone.
  let first = Infinity
  let last: number | undefined

  function hold(keys: readonly RingKey[]): void {
    ring = keys
    valid = ring.map(({ key }) => key)
  }

  function entries(now: number): readonly RingKey[] {
    const latest = now + overlap
    // Old for longer than the overlap, or not yet told how long: also where the clock was set back, or the overlap shortened since a snapshot.
    if (ring.some((key) => key.until <= now || (key.until > latest && !isCurrent(key)))) {
      const keys = ring.map((key) =>
        isCurrent(key) ? key : { ...key, until: Math.min(key.until, latest) },
      )
      hold(keys.filter(({ until }) => until > now))
    }
    return ring
  }

  function replace(keys: readonly RingKey[], ended: number): void {
    const ids = idsOf(keys)
    const old = ring.filter(({ key }) => !ids.includes(key.keyId))
    // Not for ever, however long the overlap.
    hold([...keys, ...old.map((key) => ({ ...key, until: Math.min(key.until, Number.MAX_VALUE) }))])
    entries(ended)
    first = ended
  }

  return {
    begin: () => ++begun,
    get begun() {
      return begun
    },
    get seen() {
      return seen
    },
    confirm(keys, times) {
      const { overrules = times.place, ended } = times
      if (overrules < place) return false
      const known = idsOf(entries(ended))
      const current = idsOf(ring.filter(isCurrent))
      const isNew = last !== undefined && idsOf(keys).some((id) => !known.includes(id))
      if (`${idsOf(keys).sort()}` !== `${current.sort()}`) replace(keys, ended)
      place = overrules
      seen = times.place
      last = times.begun
      // Where the clock was set back, or an earlier process knew the same keys.
      first = Math.min(first, ended)
      return isNew
    },
    restore(keys, readAt) {
      if (last !== undefined) return
      hold(keys)
      last = readAt
    },
    keys(now) {
      entries(now)
      return valid
    },
    covers(signedAt, begun, now) {
      if (last === undefined || signedAt < first) return false
      // A read of the future, from before the clock was set back, says nothing.
      return seen > begun || (last >= signedAt + CLOCK_SKEW && last <= now)
    },
    get confirmedAt() {
      return last
    },
    entries,
    forgetRetired: () => hold(ring.filter(isCurrent)),
  }
}

export function isCurrent({ until }: RingKey): boolean {
  return until === Infinity
}

export function idsOf(keys: readonly RingKey[]): string[] {
  return keys.map(({ key }) => key.keyId)
}
