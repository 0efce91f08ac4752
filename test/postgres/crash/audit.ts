import { existsSync, readFileSync } from 'node:fs'
import type { Worker } from '../../redis/crash/workers.js'
import { PLAN } from './plan.js'

/** The claim is taken before the handler begins: a process that stops in between begins with a lease that has run out. */
const CLAIM_TIME = 2_000

/** When something was out of order: milliseconds since the epoch. */
export interface Outage {
  readonly from: number
  readonly to: number
}

/**
 * Deliveries that were handled twice although nothing of what docs/idempotency.md names happened to any but one of the attempts:
 * its process was killed before the commit, or was stopped, or the database was away, or the lease ran out because the machine was slow.
 */
export function unexcused(
  twice: readonly string[],
  workers: readonly Worker[],
  outages: readonly Outage[],
): string[] {
  const sound = new Map<string, number>()
  for (const worker of workers) {
    for (const attempt of attemptsOf(worker)) {
      if (twice.includes(attempt.id) && !isExcused(attempt, worker, outages)) {
        sound.set(attempt.id, (sound.get(attempt.id) ?? 0) + 1)
      }
    }
  }
  return twice.filter((id) => (sound.get(id) ?? 0) > 1)
}

interface Attempt {
  readonly id: string
  readonly begun: number
  /** `undefined`: by what the process wrote down, the delivery was not committed. */
  committed: number | undefined
}

/** Attempts that may have done their work: those that failed by themselves have written nothing into the table. */
function attemptsOf({ ledger }: Worker): Attempt[] {
  if (!existsSync(ledger)) return []
  const attempts: Attempt[] = []
  const begun = new Map<string, Attempt>()
  for (const line of readFileSync(ledger, 'utf8').split('\n').filter(Boolean)) {
    // Two attempts of one delivery may be at work in one process.
    const [step, id = '', at, token = ''] = line.split(' ')
    const attempt = begun.get(token)
    if (step === 'begun') begun.set(token, { id, begun: Number(at), committed: undefined })
    if (step === 'handled' && attempt) attempts.push(attempt)
    if (step === 'committed' && attempt) attempt.committed = Number(at)
  }
  return attempts
}

function isExcused(attempt: Attempt, worker: Worker, outages: readonly Outage[]): boolean {
  const end = attempt.committed ?? attempt.begun + 2 * PLAN.lease * 1000
  const wasKilled = attempt.committed === undefined && (worker.killedAt ?? Infinity) <= end
  const wasAway = [...worker.pauses, ...outages].some(
    ({ from, to }) => from <= end && to >= attempt.begun - CLAIM_TIME,
  )
  // One renewal may fail, so a lease can run out after two thirds of its time.
  const wasSlow = end - attempt.begun > PLAN.lease * 667
  return wasKilled || wasAway || wasSlow
}
