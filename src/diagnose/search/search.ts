import { type Awaitable, andThen, isThenable } from '../../base/awaitable.js'
import { type Change, mergeChanges } from '../variants.js'
import { type Combination, combinations, type Space } from './combinations.js'
import type { TriedKey } from './tried-keys.js'

/** The contents and keys that a signature may be made of. */
export type SearchSpace = Space<TriedKey, Uint8Array, string>
export type Tried = Combination<TriedKey, Uint8Array, string>

/** Limits the work for one number of changes. */
interface Budget {
  readonly trials: number
  readonly bytes: number
}

const MIB = 1024 * 1024
// Enough for every single change of a small body. Of several changes together, only the likely ones are tried.
export const ALONE: Budget = { trials: 40_000, bytes: 160 * MIB }
export const GUESSED: Budget = { trials: 40_000, bytes: 64 * MIB }
const TOGETHER: Budget = { trials: 20_000, bytes: 16 * MIB }
// WebCrypto works on several contents at once, and each of them is a copy in memory.
const MAX_BATCH = { trials: 64, bytes: 4 * MIB }

/** The changes with which the signature matches. Tries the given numbers of changes in their order. */
export async function search(
  space: SearchSpace,
  counts: readonly number[],
  alone: Budget = ALONE,
): Promise<readonly Change[] | undefined> {
  for (const count of counts) {
    const found = await tryAll(combinations(space, count), count > 1 ? TOGETHER : alone)
    if (found) return found
  }
  return undefined
}

/** The changes of the first combination with which the signature matches, within the budget. */
export async function tryAll(
  all: Iterable<Tried>,
  budget: Budget,
): Promise<readonly Change[] | undefined> {
  let { trials, bytes } = budget
  let batch: Awaitable<readonly Change[] | undefined>[] = []
  let size = 0
  for (const tried of all) {
    trials -= tried.key.value.cost
    bytes -= tried.body.value.length
    if (trials <= 0 || bytes <= 0) break
    const result = attempt(tried)
    if (!result) continue
    batch.push(result)
    size += tried.body.value.length
    if (isThenable(result) && batch.length < MAX_BATCH.trials && size < MAX_BATCH.bytes) continue
    const found = await firstOf(batch)
    if (found) return found
    batch = []
    size = 0
  }
  return firstOf(batch)
}

async function firstOf<T>(batch: readonly Awaitable<T | undefined>[]): Promise<T | undefined> {
  return (await Promise.all(batch)).find((found) => found !== undefined)
}

function attempt({ key, body, prefix }: Tried): Awaitable<readonly Change[] | undefined> {
  const trial = andThen(key.value.trial(), (trial) => trial(prefix.value, body.value))
  return andThen(trial, (reading) => {
    const all = [key, body, prefix, reading]
    return reading && mergeChanges(all.flatMap((side) => side?.changes ?? []))
  })
}
