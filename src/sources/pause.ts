const LEAST = 1_000
const MOST = 60_000

/** Spaces attempts that bring nothing new: the first at once, then 1 s, doubling up to 60 s, jittered. Times in milliseconds. */
export interface Pause {
  isOpen(now: number): boolean
  /** Counts an attempt: whatever comes of it, the next one waits longer. */
  lengthen(now: number): void
  /** Starts the pause over from now, without lengthening it. */
  restart(now: number): void
  /** Something new was found: the next attempt may be at once. */
  reset(): void
  /** Has anything brought nothing new since the last reset? */
  readonly isFresh: boolean
  /** When the next attempt is due. */
  readonly until: number
}

export function createPause(random: () => number): Pause {
  let length = 0
  let until = Number.NEGATIVE_INFINITY

  function restart(now: number): void {
    // Jitter shortens, so that a rotation is never hidden for longer than the pause's own length.
    until = now + length * (0.75 + 0.25 * random())
  }

  return {
    isOpen: (now) => now >= until,
    lengthen(now) {
      length = Math.min(MOST, length * 2 || LEAST)
      restart(now)
    },
    restart,
    reset() {
      length = 0
      until = Number.NEGATIVE_INFINITY
    },
    get isFresh() {
      return length === 0
    },
    get until() {
      return until
    },
  }
}
