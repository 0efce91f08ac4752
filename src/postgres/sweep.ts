import { positive, resolveOptions } from '../base/options.js'
import type { Run } from './run.js'

/** Options of `sweep`. */
export interface SweepOptions {
  /** Largest number of rows to delete. Default: all expired rows. */
  limit?: number | undefined
}

/** Number of rows that one statement deletes, so that no statement takes long. */
const BATCH = 1000
/** Deletes twice as many rows as were added, so the table drains. */
const CLAIMS_PER_SWEEP = BATCH / 2

/** Deletes expired rows in batches. Rows that are in use stay. Resolves to the number of deleted rows. */
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

/** Calls `sweep` once per some number of claims, also in processes that live for only a few claims. If a sweep fails, the next one does the work. */
export function createAutoSweep(sweepBatch: (limit: number) => Promise<unknown>): () => void {
  let claimsLeft = Math.floor(Math.random() * CLAIMS_PER_SWEEP)
  return () => {
    if (claimsLeft-- > 0) return
    claimsLeft = CLAIMS_PER_SWEEP - 1
    sweepBatch(BATCH).catch(() => {})
  }
}
