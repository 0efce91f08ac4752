import { type Awaitable, andThen, isThenable } from '../../base/awaitable.js'
import { type Change, mergeChanges, type Variant } from '../finding.js'
import type { Prefix } from '../headers/prefix-variants.js'
import type { Readings } from '../headers/signature-readings.js'
import type { KeyBytes } from '../secret/secret-variants.js'
import { type Combination, combinations } from './combinations.js'
import { lazyTrial, type Trial } from './trial.js'

/** A key and how to try it. */
export interface TriedKey {
  readonly guess: true | undefined
  /** In trials with HMAC-SHA256, roughly. */
  readonly cost: number
  readonly run: () => Awaitable<Trial>
}

/** What the signature may be over and by which key. */
export interface SearchSpace {
  readonly prefixes: readonly Variant<Prefix>[]
  readonly keys: readonly Variant<TriedKey>[]
  readonly bodies: readonly Variant<Uint8Array>[]
}

/** Bounds the work at one number of changes. */
interface Budget {
  readonly trials: number
  readonly bytes: number
}

const COSTS: Readonly<Record<string, number>> = {
  Ed25519: 20,
  own: 20,
  'SHA-1': 4,
  'SHA-384': 4,
  'SHA-512': 4,
}
// Of one change each everything is tried, unless the body is large; of those that take more, the likely ones.
export const ALONE: Budget = { trials: 40_000, bytes: 160 * 1024 * 1024 }
/** One of many guesses. */
export const GUESSED: Budget = { trials: 40_000, bytes: 64 * 1024 * 1024 }
const TOGETHER: Budget = { trials: 20_000, bytes: 16 * 1024 * 1024 }

// WebCrypto works on several contents at once; each is a copy.
const MAX_BATCH = 64
const MAX_BATCH_BYTES = 1024 * 1024

export function keysOf(
  keys: readonly Variant<KeyBytes>[],
  readings: Readings,
): Variant<TriedKey>[] {
  return keys.map(({ value, changes }) => {
    const cost = COSTS[value.algorithm] ?? 1
    return { changes, value: { guess: value.guess, cost, run: lazyTrial(value, readings) } }
  })
}

/** The fewest changes, of the numbers asked for, under which the signature matches; `undefined` if nothing does. */
export async function search(
  { prefixes, keys, bodies }: SearchSpace,
  counts: readonly number[],
  alone: Budget = ALONE,
): Promise<readonly Change[] | undefined> {
  const groups = {
    keys: byChanges(keys),
    bodies: byChanges(bodies),
    prefixes: byChanges(prefixes),
  }
  for (const count of counts) {
    const found = await tryAll(combinations(groups, count), count > 1 ? TOGETHER : alone)
    if (found) return found
  }
  return undefined
}

function byChanges<T>(variants: readonly Variant<T>[]): Variant<T>[][] {
  const groups: Variant<T>[][] = []
  for (const variant of variants) {
    const { length } = variant.changes
    groups[length] ??= []
    groups[length]?.push(variant)
  }
  return groups
}

/** The changes of the first combination under which the signature matches, as far as the budget goes. */
export async function tryAll(
  combinations: Iterable<Combined>,
  budget: Budget,
): Promise<readonly Change[] | undefined> {
  let { trials, bytes } = budget
  let batch: Awaitable<readonly Change[] | undefined>[] = []
  let size = 0
  for (const combination of combinations) {
    const { key, body } = combination
    trials -= key.value.cost
    bytes -= body.value.length
    if (trials <= 0 || bytes <= 0) break
    const result = attempt(combination)
    if (!isThenable(result)) {
      // What is not decided yet comes before it.
      if (result) return (await firstOf(batch)) ?? result
      continue
    }
    batch.push(result)
    size += body.value.length
    if (batch.length < MAX_BATCH && size < MAX_BATCH_BYTES) continue
    const found = await firstOf(batch)
    if (found) return found
    batch = []
    size = 0
  }
  return firstOf(batch)
}

type Combined = Combination<TriedKey, Uint8Array, Prefix>

function attempt(combination: Combined): Awaitable<readonly Change[] | undefined> {
  const { key, body, prefix } = combination
  const reading = andThen(key.value.run(), (trial) => trial(prefix.value.text, body.value))
  return andThen(reading, (reading) => {
    if (!reading) return undefined
    return mergeChanges([...key.changes, ...body.changes, ...prefix.changes, ...reading.changes])
  })
}

async function firstOf<T>(batch: readonly Awaitable<T | undefined>[]): Promise<T | undefined> {
  return (await Promise.all(batch)).find((found) => found !== undefined)
}
