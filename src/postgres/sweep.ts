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

/** Sweeps one part of the table. */
export type SweepPart = (
  part: number,
  limit: number,
) => Promise<{ readonly deleted: number; readonly parts: number }>

/** The number of the part counts round, so that any whole number names one. */
export function createSweepPart(run: Run, statement: string): SweepPart {
  return async (part, limit) => {
    const [deleted, parts] = String(await run(statement, [String(limit), String(part)])).split(' ')
    return { deleted: Number(deleted), parts: Number(parts) }
  }
}

/** Deletes expired rows in batches, part after part. Rows that are in use stay. Resolves to the number of deleted rows. */
export async function sweep(sweepPart: SweepPart, options: SweepOptions): Promise<number> {
  const { limit } = resolveOptions(options, { limit: positive(Number.MAX_SAFE_INTEGER) })
  let count = 0
  let part = 0
  while (count < limit) {
    const batch = Math.min(BATCH, Math.ceil(limit - count))
    const { deleted, parts } = await sweepPart(part, batch)
    count += deleted
    if (deleted < batch) part++
    if (!(part < parts)) break
  }
  return count
}

/** Sweeps a random part once per some number of claims, also in processes that live for only a few claims. If a sweep fails, the next one does the work. */
export function createAutoSweep(sweepPart: SweepPart): () => void {
  let claimsLeft = Math.floor(Math.random() * CLAIMS_PER_SWEEP)
  return () => {
    if (claimsLeft-- > 0) return
    claimsLeft = CLAIMS_PER_SWEEP - 1
    sweepPart(Math.floor(Math.random() * 1e9), BATCH).catch(() => {})
  }
}
