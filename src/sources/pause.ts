const SECOND = 1_000
const MOST = 60_000
const QUIET = 300_000

/** Spaces attempts that bring nothing new: the first at once, then 1 s, doubling up to 60 s, jittered. Times in milliseconds. */
export interface Pause {
  /** How long until the next attempt; 0 when it may be now. */
  wait(now: number): number
  /** Counts an attempt: whatever comes of it, the next one waits longer. */
  lengthen(now: number): void
  /** Starts the pause over from now, without lengthening it; it takes `least` at the least. */
  restart(now: number, least?: number): void
  /** Something new was found: the next attempt may be at once. */
  reset(): void
  /** Has nothing been fruitless since the last reset, or not for a long time? */
  isFresh(now: number): boolean
}

export function createPause(random: () => number): Pause {
  let length = 0
  let from = 0
  let until = 0

  function isFresh(now: number): boolean {
    return length === 0 || now >= until + QUIET
  }
  function restart(now: number, least = 0): void {
    from = now
    // Jitter shortens, so that a rotation is never hidden for longer than the pause's own length.
    until = now + Math.max(least, length * (0.75 + 0.25 * random()))
  }

  return {
    // A clock that was set back must not stretch the pause.
    wait: (now) => (now < from - SECOND ? 0 : Math.max(0, until - now)),
    lengthen(now) {
      length = isFresh(now) ? SECOND : Math.min(MOST, length * 2)
      restart(now)
    },
    restart,
    reset() {
      length = until = 0
    },
    isFresh,
  }
}
