import { isGuess, type Variant } from '../variants.js'

/** The variants of key, body and prefix. The most likely come first. */
export interface Space<K, B, P> {
  readonly keys: readonly Variant<K>[]
  readonly bodies: readonly Variant<B>[]
  readonly prefixes: readonly Variant<P>[]
}

export interface Combination<K, B, P> {
  readonly key: Variant<K>
  readonly body: Variant<B>
  readonly prefix: Variant<P>
}

/**
 * All combinations with `count` changes, ordered by the sum of their indexes in the lists.
 * A budget then leaves out what is unlikely in all lists, and never a whole list.
 */
export function* combinations<K, B, P>(
  space: Space<K, B, P>,
  count: number,
): Generator<Combination<K, B, P>> {
  const splits = splitsOf(space, count)
  const sizes = splits.map(({ keys, bodies, prefixes }) => [keys, bodies, prefixes].flat().length)
  for (let rank = 0; rank <= Math.max(0, ...sizes) - 3; rank++) {
    for (const split of splits) yield* ofRank(split, rank)
  }
}

/** The ways to distribute the changes over key, body and prefix. */
function splitsOf<K, B, P>(
  { keys, bodies, prefixes }: Space<K, B, P>,
  count: number,
): Space<K, B, P>[] {
  const splits: Space<K, B, P>[] = []
  for (let ofKey = count; ofKey >= 0; ofKey--) {
    for (let ofBody = count - ofKey; ofBody >= 0; ofBody--) {
      const split = {
        keys: having(ofKey, keys).filter((key) => ofKey === count || !isGuess(key)),
        bodies: having(ofBody, bodies),
        prefixes: having(count - ofKey - ofBody, prefixes),
      }
      if (Object.values(split).every(({ length }) => length > 0)) splits.push(split)
    }
  }
  return splits
}

export function having<T>(count: number, variants: readonly Variant<T>[]): Variant<T>[] {
  return variants.filter(({ changes }) => changes.length === count)
}

function* ofRank<K, B, P>(
  { keys, bodies, prefixes }: Space<K, B, P>,
  rank: number,
): Generator<Combination<K, B, P>> {
  for (let i = 0; i <= Math.min(rank, keys.length - 1); i++) {
    for (let j = Math.max(0, rank - i - prefixes.length + 1); j <= rank - i; j++) {
      const [key, body, prefix] = [keys[i], bodies[j], prefixes[rank - i - j]]
      if (!key || !body || !prefix) break
      yield { key, body, prefix }
    }
  }
}
