import type { VerificationKey } from '../types.js'

/** A key with the secret it came from, in the text form a snapshot stores. */
export interface RingKey {
  readonly key: VerificationKey
  readonly text: string
}

export interface RetiredKey extends RingKey {
  /** Milliseconds since the epoch at which it stops verifying. */
  readonly until: number
}

/** When a read was begun and answered, in milliseconds, and its place in the order in which reads were begun. */
export interface ReadTimes {
  readonly order: number
  readonly begun: number
  readonly ended: number
}

/** How far, in milliseconds, a sender's clock may run behind ours before a verdict could be wrong. */
const CLOCK_SKEW = 30_000
const SECOND = 1_000
const MAX_GAPS = 32

/**
 * The account's keys as far as they are known: which verify now, and over which time that knowledge reaches.
 * No clock, no I/O: every time is handed in.
 */
export interface KeyRing {
  /** Takes the answer of a read. `false` where a read begun later was answered before; `'rotated'` where a key is new. */
  confirm(keys: readonly RingKey[], times: ReadTimes): false | 'same' | 'rotated'
  /** Takes up what an earlier process knew; without effect once a read has been confirmed. */
  restore(keys: readonly RingKey[], retired: readonly RetiredKey[], readAt: number): boolean
  /** Keys that verify at this time, newest first. The same array as long as they are the same keys. */
  keys(now: number): readonly VerificationKey[]
  /** Are all keys known that can have been valid when a delivery was signed that arrived at `arrived`? */
  covers(signedAt: number, arrived: number): boolean
  /** When the last confirmed read was begun; `undefined` before the first. */
  readonly confirmedAt: number | undefined
  readonly current: readonly RingKey[]
  retired(now: number): readonly RetiredKey[]
  forgetRetired(): void
}

export function createKeyRing(overlap: number): KeyRing {
  let current: readonly RingKey[] = []
  let retired: readonly RetiredKey[] = []
  let valid: readonly VerificationKey[] | undefined
  let order = 0
  let first = Number.POSITIVE_INFINITY
  let last: number | undefined
  // Between the last read that showed one set of keys and the first that showed another, a third may have come and gone.
  let gaps: readonly { from: number; to: number }[] = []

  function prune(now: number): void {
    if (retired.every(({ until }) => until > now)) return
    retired = retired.filter(({ until }) => until > now)
    valid = undefined
  }

  function replace(keys: readonly RingKey[], ended: number): void {
    const gone = current.filter((old) => !holds(keys, old))
    if (last !== undefined) gaps = [...gaps, { from: last, to: ended }].slice(-MAX_GAPS)
    retired = [...gone.map((old) => ({ ...old, until: ended + overlap })), ...retired].filter(
      (old) => !holds(keys, old),
    )
    current = keys
    valid = undefined
  }

  return {
    confirm(keys, times) {
      if (times.order < order) return false
      const known = [...current, ...retired]
      const same = keys.length === current.length && keys.every((key) => holds(current, key))
      const rotated = current.length > 0 && keys.some((key) => !holds(known, key))
      if (!same) replace(keys, times.ended)
      order = times.order
      first = Math.min(first, times.ended)
      last = times.begun
      return rotated ? 'rotated' : 'same'
    },
    restore(keys, old, readAt) {
      if (last !== undefined) return false
      current = keys
      retired = old
      valid = undefined
      first = readAt
      last = readAt
      return true
    },
    keys(now) {
      prune(now)
      valid ??= [...current, ...retired].map(({ key }) => key)
      return valid
    },
    covers(signedAt, arrived) {
      if (last === undefined || signedAt < first) return false
      if (last < arrived && last < signedAt + SECOND + CLOCK_SKEW) return false
      return gaps.every(({ from, to }) => to <= signedAt || from >= signedAt + SECOND + CLOCK_SKEW)
    },
    get confirmedAt() {
      return last
    },
    get current() {
      return current
    },
    retired(now) {
      prune(now)
      return retired
    },
    forgetRetired() {
      retired = []
      valid = undefined
    },
  }
}

function holds(keys: readonly RingKey[], { key }: RingKey): boolean {
  return keys.some((other) => other.key.keyId === key.keyId)
}
