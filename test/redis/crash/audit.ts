import { existsSync, readFileSync } from 'node:fs'
import { PLAN, type Step } from './plan.js'
import type { Worker } from './workers.js'

/** The fate of all deliveries, according to the logs of the processes. */
export interface Audit {
  readonly begun: number
  /** Deliveries that were handled to success, once or more. */
  readonly handled: number
  readonly handledTwice: number
  /** Of these: an earlier handler's process was killed before its commit was confirmed. */
  readonly excused: number
  readonly unexcused: readonly string[]
}

/** A handler that succeeded: was it cut off from its commit by the death of its process? */
interface Success {
  readonly isCutOff: boolean
}

export function audit(workers: readonly Worker[]): Audit {
  const successes = new Map<string, Success[]>()
  let begun = 0
  for (const worker of workers) {
    const steps = read(worker)
    const committed = new Set(steps.flatMap(([step, id]) => (step === 'committed' ? [id] : [])))
    for (const [step, id, at] of steps) {
      if (step === 'begun') begun++
      if (step !== 'handled') continue
      const success = { isCutOff: !committed.has(id) && diedAfter(worker, Number(at)) }
      successes.set(id, [...(successes.get(id) ?? []), success])
    }
  }
  const twice = [...successes].filter(([, list]) => list.length > 1)
  const unexcused = twice.filter(([, list]) => !isExcused(list)).map(([id]) => id)
  return {
    begun,
    handled: successes.size,
    handledTwice: twice.length,
    excused: twice.length - unexcused.length,
    unexcused,
  }
}

/** Soon after: a process that lived for another lease had time to commit. */
function diedAfter({ killedAt }: Worker, at: number): boolean {
  return killedAt !== undefined && killedAt - at < PLAN.lease * 1000
}

function isExcused(list: readonly Success[]): boolean {
  return list.filter(({ isCutOff }) => !isCutOff).length <= 1
}

function read({ ledger }: Worker): [Step, string, string][] {
  if (!existsSync(ledger)) return []
  const lines = readFileSync(ledger, 'utf8').split('\n').filter(Boolean)
  return lines.map((line) => line.split(' ') as [Step, string, string])
}
