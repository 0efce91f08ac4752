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

// Platforms fire at once if it is longer.
const LONGEST = 2_147_483_647

/** A timer that somebody waits for: it keeps the process alive. */
export function startTimer(timers: Timers, callback: () => void, milliseconds: number): unknown {
  return timers.setTimeout(callback, Math.min(milliseconds, LONGEST))
}

/** A timer of background work, which must not keep a process alive. */
export function startTimerBehind(
  timers: Timers,
  callback: () => void,
  milliseconds: number,
): unknown {
  const timer = startTimer(timers, callback, milliseconds)
  keepAlive(timer, false)
  return timer
}

/** Node's timers have these methods, others are numbers. */
function keepAlive(timer: unknown, isWaitedFor: boolean): void {
  const { ref, unref } = Object(timer)
  const change = isWaitedFor ? ref : unref
  if (typeof change === 'function') change.call(timer)
}

/** Timers of work that goes on behind until somebody waits for it. */
export interface WorkTimers extends Timers {
  /** Until `work` is done somebody waits for it, and these timers keep the process alive. */
  waitFor<T>(work: Promise<T>): Promise<T>
}

export function createWorkTimers(timers: Timers): WorkTimers {
  const running = new Set<unknown>()
  let waiting = 0

  function changeWaiting(by: 1 | -1): void {
    waiting += by
    for (const timer of running) keepAlive(timer, waiting > 0)
  }

  return {
    setTimeout(callback, milliseconds) {
      const fire = (): void => {
        running.delete(timer)
        callback()
      }
      const timer = startTimer(timers, fire, milliseconds)
      running.add(timer)
      keepAlive(timer, waiting > 0)
      return timer
    },
    clearTimeout(timer) {
      running.delete(timer)
      timers.clearTimeout(timer)
    },
    async waitFor(work) {
      changeWaiting(1)
      try {
        return await work
      } finally {
        changeWaiting(-1)
      }
    },
  }
}
