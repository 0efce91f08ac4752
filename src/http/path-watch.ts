import type { VerifierOptions } from '../delivery/types.js'
import { print } from '../verify/warner.js'

const MOST = 100

const TEXT =
  'countersign: one receiver has over 100 paths, and a delivery is new on each: set idempotency.scope'

/** Warns once if a receiver serves any path. Counts only authentic deliveries. */
export function createPathWatch(warn: VerifierOptions['warn']): (path: string) => void {
  let seen: Set<string> | undefined = new Set()
  return (path) => {
    if (!seen) return
    // The beginning of a long path is enough to tell it apart.
    seen.add(path.slice(0, 100))
    if (seen.size <= MOST) return
    seen = undefined
    print(warn, TEXT)
  }
}
