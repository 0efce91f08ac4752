import { type Awaitable, isThenable } from '../base/awaitable.js'
import { type Combination, combinations } from './combinations.js'
import { type Change, mergeChanges, type Variant } from './finding.js'
import type { Prefix } from './prefix-variants.js'
import type { KeyBytes } from './secret-variants.js'
import type { Readings } from './signature-readings.js'
import { lazyTrial, type Trial } from './trial.js'

/** What the signature may be over, by which key, and how it may be written. */
export interface SearchSpace {
  readonly prefixes: readonly Variant<Prefix>[]
  readonly keys: readonly Variant<KeyBytes>[]
  readonly bodies: readonly Variant<Uint8Array>[]
  readonly readings: Readings
}

/** Bounds the work at one number of changes. */
interface Budget {
  trials: number
  bytes: number
}

// In trials with HMAC-SHA256, roughly.
const COST: Readonly<Record<string, number>> = {
  Ed25519: 20,
  'SHA-1': 4,
  'SHA-384': 4,
  'SHA-512': 4,
}
// Of one change each everything is tried, also of a body of 1 MiB; of those that take more, the likely ones.
const ALONE: Budget = { trials: 40_000, bytes: 512 * 1024 * 1024 }
const TOGETHER: Budget = { trials: 20_000, bytes: 64 * 1024 * 1024 }

/** The fewest changes, of the numbers asked for, under which the signature matches; `undefined` where nothing does. */
export async function search(
  { prefixes, keys, bodies, readings }: SearchSpace,
  counts: readonly number[],
): Promise<readonly Change[] | undefined> {
  const groups = {
    keys: byChanges(keys.map((key) => runnable(key, readings))),
    bodies: byChanges(bodies),
    prefixes: byChanges(prefixes),
  }
  for (const count of counts) {
    const budget = { ...(count > 1 ? TOGETHER : ALONE) }
    const found = await tryAll(combinations(groups, count), budget)
    if (found) return mergeChanges(found)
  }
  return undefined
}

type Key = Variant<{ guess: true | undefined; cost: number; run: () => Awaitable<Trial> }>

function runnable({ value, changes }: Variant<KeyBytes>, readings: Readings): Key {
  const cost = COST[value.algorithm] ?? 1
  return { changes, value: { guess: value.guess, cost, run: lazyTrial(value, readings) } }
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

async function tryAll(
  combinations: Iterable<Combination<Key['value'], Uint8Array, Prefix>>,
  budget: Budget,
): Promise<readonly Change[] | undefined> {
  for (const { key, body, prefix } of combinations) {
    budget.trials -= key.value.cost
    budget.bytes -= body.value.length
    if (budget.trials <= 0 || budget.bytes <= 0) return undefined
    const made = key.value.run()
    const trial = isThenable(made) ? await made : made
    const tried = trial(prefix.value.text, body.value)
    const reading = isThenable(tried) ? await tried : tried
    if (reading) return [...key.changes, ...body.changes, ...prefix.changes, ...reading.changes]
  }
  return undefined
}
