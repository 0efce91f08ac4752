import { positive, resolveOptions } from '../base/options.js'
import type { Run } from './run.js'

/** Options of `sweep`. */
export interface SweepOptions {
  /** Most rows that are deleted. Default: all that have expired. */
  limit?: number | undefined
}

/** Rows that one statement deletes, so that none is long. */
const BATCH = 1000
/** Twice as many go as can have come in: the table drains. */
const CLAIMS_PER_SWEEP = BATCH / 2

/** Deletes rows that have expired, in batches; those that are in use meanwhile stay. Resolves to how many. */
export async function sweep(run: Run, statement: string, options: SweepOptions): Promise<number> {
  const { limit } = resolveOptions(options, { limit: positive(Number.MAX_SAFE_INTEGER) })
  let count = 0
  while (count < limit) {
    const batch = Math.min(BATCH, Math.ceil(limit - count))
    const deleted = Number(await run(statement, [String(batch)]))
    count += deleted
    if (deleted < batch) break
  }
  return count
}

/** Calls `sweep` once in so many claims, also in processes that live for a few claims only. One that fails is left to the next. */
export function createAutoSweep(sweepBatch: (limit: number) => Promise<unknown>): () => void {
  let claimsLeft = Math.floor(Math.random() * CLAIMS_PER_SWEEP)
  return () => {
    if (claimsLeft-- > 0) return
    claimsLeft = CLAIMS_PER_SWEEP - 1
    sweepBatch(BATCH).catch(() => {})
  }
}
