const SECOND = 1_000
const MINUTE = 60_000
const MOST = 60_000
const QUIET = 300_000
// An account that asks for more is asked again all the same: a rotation must not stay unseen.
const LONGEST_RETRY_AFTER = 600_000

/** What the account is asked for: what is known is old, a delivery matches nothing, or somebody calls `refresh()`. */
export type Why = 'age' | 'mismatch' | 'hand'

/** A flood can cause mismatches, so each counts from the start; what nobody can cause counts if it fails. */
const COUNTS: Readonly<Record<Why, 'at once' | 'if it fails'>> = {
  age: 'if it fails',
  mismatch: 'at once',
  hand: 'if it fails',
}

/** One attempt at learning something new. */
export interface Attempt {
  /** May it be made up of several calls? Only after a quiet time. */
  readonly mayRetry: boolean
  /** It is over: the account was not heard because of `error`, or has answered. */
  end(now: number, error?: { readonly retryAfter?: number | undefined }): void
}

/** Spaces attempts that bring nothing new: the first at once, then 1 s, doubling up to 60 s, jittered. Times in milliseconds. */
export interface Pause {
  /** How long until the next attempt; 0 if it may be now. */
  wait(now: number): number
  begin(now: number, why: Why): Attempt
  /** A new key was found: the next attempt may be at once. Once a minute: an account may name a new key at each call. */
  found(now: number): void
  /** A delivery was signed with the key that was found, which nobody can bring about: the next attempt may be at once, minute or not. */
  proved(now: number): void
  /** Has nothing been fruitless since the last reset, or not for a long time? */
  isFresh(now: number): boolean
}

export function createPause(random: () => number): Pause {
  let length = 0
  let from = 0
  let until = 0
  let resetAt = -Infinity
  let unprovedAt = -Infinity

  function isFresh(now: number): boolean {
    return length === 0 || now >= until + QUIET
  }
  // A clock that was set back must not stretch the pause.
  function wait(now: number): number {
    return now < from - SECOND ? 0 : Math.max(0, until - now)
  }
  function restart(now: number, least = 0): void {
    from = now
    // Jitter shortens, so that a rotation is never hidden for longer than the pause's own length.
    until = now + Math.max(least, length * (0.75 + 0.25 * random()))
  }
  function lengthen(now: number): void {
    length = isFresh(now) ? SECOND : Math.min(MOST, length * 2)
    restart(now)
  }
  function reset(now: number): void {
    length = until = 0
    resetAt = now
  }

  return {
    wait,
    begin(now, why) {
      const mayRetry = isFresh(now)
      const countsAtOnce = COUNTS[why] === 'at once'
      if (countsAtOnce) lengthen(now)
      return {
        mayRetry,
        end(now, error) {
          // If requests do not share their reads, many fail at a time: that counts once.
          if (error && !countsAtOnce && !wait(now)) lengthen(now)
          // In trouble a success counts as well: the next call keeps its distance from this one.
          if (error || countsAtOnce || !mayRetry)
            restart(now, Math.min((error?.retryAfter ?? 0) * SECOND, LONGEST_RETRY_AFTER))
        },
      }
    },
    found(now) {
      const isSecond = isWithinMinute(resetAt, now)
      unprovedAt = isSecond ? now : -Infinity
      if (!isSecond) reset(now)
    },
    proved(now) {
      if (isWithinMinute(unprovedAt, now)) reset(now)
      unprovedAt = -Infinity
    },
    isFresh,
  }
}

/** Either way, so that a clock which was set back does not make a minute longer. */
function isWithinMinute(from: number, now: number): boolean {
  return Math.abs(now - from) < MINUTE
}
