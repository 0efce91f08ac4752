/** Timers that run when the test says so. */
export interface ManualTimers {
  readonly options: {
    setTimeout(callback: () => void, milliseconds: number): unknown
    clearTimeout(timer: unknown): void
  }
  /** How long each timer that is waiting now was set to, in milliseconds. */
  readonly waiting: readonly number[]
  /** Runs the timers that are due now, then the promises that follow from them. */
  run(): Promise<void>
}

export function manualTimers(): ManualTimers {
  const timers = new Map<number, { callback: () => void; milliseconds: number }>()
  let last = 0
  return {
    options: {
      setTimeout(callback, milliseconds) {
        timers.set(++last, { callback, milliseconds })
        return last
      },
      clearTimeout: (timer) => void timers.delete(timer as number),
    },
    get waiting() {
      return [...timers.values()].map(({ milliseconds }) => milliseconds)
    },
    async run() {
      const due = [...timers.values()]
      timers.clear()
      for (const { callback } of due) callback()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}
