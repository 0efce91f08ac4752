import { callback } from './options.js'

/** Timers as the platform has them; tests hand in their own. */
export interface Timers {
  setTimeout(callback: () => void, milliseconds: number): unknown
  clearTimeout(timer: unknown): void
}

/** Options: the platform's timers by default. */
export const TIMER_OPTIONS = {
  // Not the platform's functions themselves: they refuse to be called as methods.
  setTimeout: callback<Timers['setTimeout']>((callback, milliseconds) =>
    setTimeout(callback, milliseconds),
  ),
  // A number or an object, as the platform handed it out.
  clearTimeout: callback<Timers['clearTimeout']>((timer) => clearTimeout(timer as number)),
}

// Platforms fire at once where it is longer.
const LONGEST = 2_147_483_647

export function startTimer(timers: Timers, callback: () => void, milliseconds: number): unknown {
  const timer = timers.setTimeout(callback, Math.min(milliseconds, LONGEST))
  // Work behind must not keep a process alive (Node's timers have unref, others are numbers).
  ;(timer as { unref?: () => void } | null)?.unref?.()
  return timer
}
