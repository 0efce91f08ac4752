import { type Diagnosis, diagnose, type Finding } from '../../diagnose/index.js'
import type { Kept } from './history.js'

/** Deliveries that may wait for their diagnosis. In a flood, the others are diagnosed when somebody looks at them. */
const MAX_WAITING = 16

/** Says why deliveries were refused, one at a time. */
export interface Explainer {
  /** The findings, or nothing if too many wait already. */
  soon(kept: Kept): Promise<readonly Finding[]> | undefined
  /** The findings, however many wait. */
  now(kept: Kept): Promise<readonly Finding[]>
}

export interface ExplainerOptions {
  readonly secrets: () => Promise<readonly string[]>
  readonly previous: readonly string[]
}

export function createExplainer({ secrets, previous }: ExplainerOptions): Explainer {
  const known = new WeakMap<Kept, Promise<readonly Finding[]>>()
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()

  async function explain({ captured }: Kept): Promise<Diagnosis> {
    const { body, headers, receivedAt } = captured
    const started = performance.now()
    const secret = await secrets()
    const diagnosis = await diagnose({ body, headers, secret, previous, now: receivedAt })
    // Half of the time belongs to the deliveries that arrive.
    await new Promise((resolve) => setTimeout(resolve, performance.now() - started))
    return diagnosis
  }

  function now(kept: Kept): Promise<readonly Finding[]> {
    const before = known.get(kept)
    if (before) return before
    waiting++
    const findings = last
      .then(() => explain(kept))
      .then(
        ({ findings }) => findings,
        () => [],
      )
      .finally(() => waiting--)
    last = findings
    known.set(kept, findings)
    return findings
  }
  return { now, soon: (kept) => (waiting < MAX_WAITING ? now(kept) : undefined) }
}
