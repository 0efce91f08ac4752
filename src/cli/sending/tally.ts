import type { Delivered } from './deliver.js'

/** What became of many deliveries. It grows with the number of different answers only. */
export interface Tally {
  add(delivered: Delivered, isRight: boolean): void
  readonly sent: number
  readonly right: number
  readonly wrong: number
  readonly failed: number
  /** How often each answer came, the most frequent one first. */
  answers(): { readonly status: number; readonly code?: string; readonly count: number }[]
  /** The first reason why there was no usable answer. */
  readonly failure: string | undefined
  /** Milliseconds within which this share of the answers came. */
  percentile(share: number): number | undefined
}

export function createTally(): Tally {
  const times: number[] = []
  const counts = new Map<string, { status: number; code?: string; count: number }>()
  const tally = { sent: 0, right: 0, wrong: 0, failed: 0 }
  let failure: string | undefined
  return {
    get sent() {
      return tally.sent
    },
    get right() {
      return tally.right
    },
    get wrong() {
      return tally.wrong
    },
    get failed() {
      return tally.failed
    },
    get failure() {
      return failure
    },
    add(delivered, isRight) {
      tally.sent++
      if (delivered.failure !== undefined) {
        tally.failed++
        failure ??= delivered.failure
        return
      }
      if (isRight) tally.right++
      else tally.wrong++
      times.push(delivered.time)
      const { status, code } = delivered
      const key = `${status} ${code ?? ''}`
      const known = counts.get(key)
      if (known) known.count++
      else counts.set(key, { status, ...(code !== undefined && { code }), count: 1 })
    },
    answers: () => [...counts.values()].sort((a, b) => b.count - a.count),
    percentile(share) {
      const sorted = times.sort((a, b) => a - b)
      return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
    },
  }
}
