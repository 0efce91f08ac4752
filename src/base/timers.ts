import { callback } from './options.js'

/** The platform's timers. Tests pass their own. */
export interface Timers {
  setTimeout(callback: () => void, milliseconds: number): unknown
  clearTimeout(timer: unknown): void
}

const TIMER_OPTIONS = {
  // Wrapped, because the platform's functions refuse to be called as methods.
  setTimeout: callback<Timers['setTimeout']>((callback, milliseconds) =>
    setTimeout(callback, milliseconds),
  ),
  // A number or an object, depending on the platform.
  clearTimeout: callback<Timers['clearTimeout']>((timer) => clearTimeout(timer as number)),
}

/** Adds the timers to a table of options: the platform's by default. A function, because bundlers keep a table with a spread even if nobody uses it. */
/* @__NO_SIDE_EFFECTS__ */
export function withTimers<Table extends object>(table: Table): Table & typeof TIMER_OPTIONS {
  return { ...table, ...TIMER_OPTIONS }
}

// Platforms fire a longer timer immediately.
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

/** Timers of background work that somebody may start to wait for. */
export interface WorkTimers extends Timers {
  /** Keeps the process alive with these timers until `work` is done. */
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
    waitFor(work) {
      changeWaiting(1)
      return work.finally(() => changeWaiting(-1))
    },
  }
}
