// Time that passes only when a test says so; real work (WebCrypto's threads) is waited for, never guessed at.

let working = 0
const { subtle } = globalThis.crypto
for (const name of ['importKey', 'sign', 'verify'] as const) {
  const work = subtle[name].bind(subtle) as (...args: unknown[]) => Promise<unknown>
  Object.defineProperty(subtle, name, {
    configurable: true,
    value: (...args: unknown[]) => {
      working += 1
      return work(...args).finally(() => {
        working -= 1
      })
    },
  })
}

export interface VirtualTime {
  now(): number
  setTimeout(callback: () => void, milliseconds: number): unknown
  clearTimeout(timer: unknown): void
  /** Lets seconds pass: every timer fires at its own moment. */
  pass(seconds: number): Promise<void>
  /** Sets the clock without letting time pass, as somebody who corrects it does. */
  setBack(seconds: number): void
  /** Waits until nothing happens any more without time passing. */
  settle(): Promise<void>
  /** Timers that have not fired. */
  readonly timers: number
}

interface Timer {
  readonly at: number
  readonly callback: () => void
}

export function createVirtualTime(start = Date.UTC(2026, 0, 1, 12)): VirtualTime {
  let elapsed = 0
  let offset = start
  const timers = new Set<Timer>()

  async function settle(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve))
    while (working > 0)
  }

  return {
    now: () => offset + elapsed,
    setTimeout(callback, milliseconds) {
      const timer = { at: elapsed + milliseconds, callback }
      timers.add(timer)
      return timer
    },
    clearTimeout: (timer) => void timers.delete(timer as Timer),
    async pass(seconds) {
      const end = elapsed + seconds * 1000
      await settle()
      for (;;) {
        let next: Timer | undefined
        for (const timer of timers)
          if (timer.at < (next?.at ?? Number.POSITIVE_INFINITY)) next = timer
        if (!next || next.at > end) break
        timers.delete(next)
        elapsed = Math.max(elapsed, next.at)
        next.callback()
        await settle()
      }
      elapsed = end
    },
    setBack(seconds) {
      offset -= seconds * 1000
    },
    settle,
    get timers() {
      return timers.size
    },
  }
}
