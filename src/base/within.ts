import { startTimer, type Timers } from './timers.js'

/** Somebody who waits for an answer, and may give up. */
export interface Waiting {
  /** Has the time run out? Then nothing more must be begun. */
  readonly isOver: boolean
  /** Is called once when the time runs out: ends what can be ended. */
  giveUp: () => void
}

/** What `work` comes to, or a rejection with `message` after `milliseconds`. Work that comes to its end later is ignored. */
export function within<T>(
  timers: Timers,
  { milliseconds, message }: { readonly milliseconds: number; readonly message: string },
  work: (waiting: Waiting) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const waiting = { isOver: false, giveUp: () => {} }
    const timer = startTimer(
      timers,
      () => {
        waiting.isOver = true
        reject(new Error(message))
        waiting.giveUp()
      },
      milliseconds,
    )
    work(waiting)
      .finally(() => timers.clearTimeout(timer))
      .then(resolve, reject)
  })
}
