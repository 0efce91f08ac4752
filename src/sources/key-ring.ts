import { MOST_APART } from './clocks.js'
import { createKnownKeys, type KnownKeys, type KnownKeysOptions } from './known-keys.js'
import type { RingKey } from './ring-key.js'

/** One read of the account, from its start. */
export interface Read {
  /**
   * Takes over the keys of the answer, unless a read that started later was answered before. Returns `true` if there is a new key.
   * Throws a `RefreshError` if every key was forgotten before.
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
 * The known keys, the order of the reads that they came from, and what a delivery sees of both.
 * It has no clock and no I/O. Every time is a parameter, in milliseconds since the epoch.
 */
export interface KeyRing extends Omit<KnownKeys, 'take'> {
  begin(now: number): Read
  sight(now: number): Sight
}

/** How far a sender's clock may be ahead of ours, in milliseconds. */
const MOST_AHEAD = 30_000

export function createKeyRing(options: KnownKeysOptions): KeyRing {
  const { lag = 0 } = options
  const known = createKnownKeys(options)
  // Reads are ordered by their start. Example: a slow read starts, then rotate() starts and is answered with a
  // new key, then the read is answered with the old key, because the account read it before the rotation. So rotate() moves to the
  // end when it is answered, and the answer of the slow read is ignored as older.
  let begun = 0
  let open = 0
  /** Place of the answer that counts, and of the read that it came from. */
  let place = 0
  let answered = 0

  function begin(begunAt: number): Read {
    const mine = ++begun
    const wasAlone = open++ === 0
    let isOpen = true

    function answer(keys: readonly RingKey[], now: number, rank: number): boolean {
      if (rank < place) return false
      const isNews = known.take(keys, begunAt, now)
      place = rank
      answered = mine
      return isNews
    }
    return {
      confirm: (keys, now) => answer(keys, now, mine),
      overrule: (keys, now) => answer(keys, now, ++begun),
      isContested: () => !wasAlone || begun > mine,
      end() {
        if (isOpen) open--
        isOpen = false
      },
    }
  }

  function sight(arrived: number): Sight {
    const before = begun
    const hasNews = (): boolean => answered > before

    function covers(signedAt: number, now: number): boolean {
      const { confirmedAt = -Infinity, completeSince } = known
      const claimed = signedAt * 1000
      // If the timestamp is in the future, the sender's clock is ahead, and the delivery may be older by the allowed difference.
      const signed = claimed > arrived ? arrived - MOST_AHEAD : claimed
      if (signed < completeSince) return false
      if (hasNews() && confirmedAt >= arrived + lag) return true
      // A read with a time in the future is from before the clock was set back and does not count.
      return confirmedAt >= signed + MOST_APART + lag && confirmedAt <= now
    }
    return { hasNews, covers }
  }

  return Object.assign(known, { begin, sight })
}
