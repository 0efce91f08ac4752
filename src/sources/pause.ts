import { WHY, type Why } from './why.js'

const SECOND = 1_000
const MINUTE = 60_000
const QUIET = 300_000
// A longer `retryAfter` of the account is cut, because a rotation must not stay unseen.
const LONGEST_RETRY_AFTER = 600_000

/** One attempt to read new keys. */
export interface Attempt {
  /** `true` if the attempt may make several calls, which is allowed only after a quiet time. */
  readonly mayRetry: boolean
  /** Ends the attempt: with `error` if it failed, without if the account has answered. */
  end(now: number, error?: { readonly retryAfter?: number | undefined }): void
}

/** Spaces attempts that bring nothing new: the first is immediate, then the pause is 1 s and doubles up to 60 s, with jitter. Times are in milliseconds. */
export interface Pause {
  /** Time until the next attempt; 0 if it may start now. */
  wait(now: number): number
  begin(now: number, why: Why): Attempt
  /** A new key was found, so the next attempt may start immediately. At most once a minute, because an account may return a new key for each call. */
  found(now: number): void
  /** A delivery was signed with the new key, which no stranger can do. So the next attempt may start immediately, even within the minute. */
  proved(now: number): void
  /** `true` if no attempt was fruitless since the last reset, or for a long time. */
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
    // Jitter only shortens the pause, so a rotation is never hidden for longer than the pause.
    until = now + Math.max(least, length * (0.75 + 0.25 * random()))
  }
  function lengthen(now: number): void {
    length = isFresh(now) ? SECOND : Math.min(MINUTE, length * 2)
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
      const { countsAtOnce } = WHY[why]
      if (countsAtOnce) lengthen(now)
      return {
        mayRetry,
        end(now, error) {
          // If requests do not share their reads, many can fail at the same time. That counts once.
          if (error && !countsAtOnce && !wait(now)) lengthen(now)
          // During failures a success counts too, so that the next call keeps its distance.
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

/** In both directions, so that a clock that was set back does not extend the minute. */
function isWithinMinute(from: number, now: number): boolean {
  return Math.abs(now - from) < MINUTE
}
