import { startTimer, type Timers } from './timers.js'

/** A caller that waits for an answer and may give up. */
export interface Waiting {
  /** `true` if the time has run out. Then no more work may start. */
  readonly isOver: boolean
  /** Called once when the time runs out, to stop the work. */
  giveUp: () => void
}

/** Resolves to the result of `work`, or rejects with `message` after `milliseconds`. A later result is ignored. */
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
    work(waiting).then(
      (result) => {
        timers.clearTimeout(timer)
        resolve(result)
      },
      (error) => {
        timers.clearTimeout(timer)
        reject(error)
      },
    )
  })
}
