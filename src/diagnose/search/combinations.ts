import type { Variant } from '../finding.js'

/** Variants by their number of changes, each group from the likely to the odd. */
export interface Groups<K, B, P> {
  readonly keys: readonly (readonly Variant<K>[] | undefined)[]
  readonly bodies: readonly (readonly Variant<B>[] | undefined)[]
  readonly prefixes: readonly (readonly Variant<P>[] | undefined)[]
}

export interface Combination<K, B, P> {
  readonly key: Variant<K>
  readonly body: Variant<B>
  readonly prefix: Variant<P>
}

/**
 * Everything that takes `count` changes, the likely with the likely first: by the sum of the places in the groups. Whatever bounds
 * the search then cuts off what is odd on all sides, never one side whole.
 */
export function* combinations<K extends { guess?: true | undefined }, B, P>(
  groups: Groups<K, B, P>,
  count: number,
): Generator<Combination<K, B, P>> {
  const splits = splitsOf(groups, count)
  const last = Math.max(
    0,
    ...splits.map(({ keys, bodies, prefixes }) => sum(keys, bodies, prefixes)),
  )
  for (let rank = 0; rank <= last; rank++) {
    for (const split of splits) yield* ofRank(split, rank)
  }
}

interface Split<K, B, P> {
  readonly keys: readonly Variant<K>[]
  readonly bodies: readonly Variant<B>[]
  readonly prefixes: readonly Variant<P>[]
}

/** The ways to share the changes out. */
function splitsOf<K extends { guess?: true | undefined }, B, P>(
  groups: Groups<K, B, P>,
  count: number,
): Split<K, B, P>[] {
  const splits: Split<K, B, P>[] = []
  for (let ofKey = count; ofKey >= 0; ofKey--) {
    for (let ofBody = count - ofKey; ofBody >= 0; ofBody--) {
      const all = groups.keys[ofKey] ?? []
      const keys = ofKey === count ? all : all.filter(({ value }) => !value.guess)
      const bodies = groups.bodies[ofBody] ?? []
      const prefixes = groups.prefixes[count - ofKey - ofBody] ?? []
      if (keys.length * bodies.length * prefixes.length > 0) splits.push({ keys, bodies, prefixes })
    }
  }
  return splits
}

function sum(...groups: readonly (readonly unknown[])[]): number {
  return groups.reduce((total, { length }) => total + length - 1, 0)
}

function* ofRank<K, B, P>(
  { keys, bodies, prefixes }: Split<K, B, P>,
  rank: number,
): Generator<Combination<K, B, P>> {
  for (const [i, key] of keys.slice(0, rank + 1).entries()) {
    const first = Math.max(0, rank - i - prefixes.length + 1)
    for (let j = first; j <= rank - i; j++) {
      const [body, prefix] = [bodies[j], prefixes[rank - i - j]]
      if (!body || !prefix) break
      yield { key, body, prefix }
    }
  }
}
