/** Timers as the platform has them; tests hand in their own. */
export interface Timers {
  setTimeout(callback: () => void, milliseconds: number): unknown
  clearTimeout(timer: unknown): void
}

export const TIMER_DEFAULTS = {
  // Not the platform's functions themselves: they refuse to be called as methods.
  setTimeout: (callback: () => void, milliseconds: number): unknown =>
    setTimeout(callback, milliseconds),
  clearTimeout: (timer: number): void => clearTimeout(timer),
}

// Platforms fire at once where it is longer.
const LONGEST = 2_147_483_647

export function startTimer(timers: Timers, callback: () => void, milliseconds: number): unknown {
  const timer = timers.setTimeout(callback, Math.min(milliseconds, LONGEST))
  // Work behind must not keep a process alive (Node's timers have unref, others are numbers).
  ;(timer as { unref?: () => void } | null)?.unref?.()
  return timer
}
