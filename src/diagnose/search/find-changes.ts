import { changedBodies, unchangedBody, withPairs } from '../body/changed-bodies.js'
import { type Captured, SMALL } from '../capture.js'
import type { Change, Variant } from '../finding.js'
import { type Named, type Prefix, prefixVariants } from '../headers/prefix-variants.js'
import { hasSignature, type Readings } from '../headers/signature-readings.js'
import { secretVariants } from '../secret/secret-variants.js'
import type { Combination } from './combinations.js'
import { ALONE, GUESSED, keysOf, search, type TriedKey, tryAll } from './search.js'

/** So much of what a large body may have been is kept for a second change, in bytes. */
const MAX_KEPT = 16 * 1024 * 1024

/** One change first, as that is what it mostly is; then several together. What costs most comes last. */
export async function findChanges(
  captured: Captured,
  named: Named,
  readings: Readings,
): Promise<readonly Change[] | undefined> {
  if (!hasSignature(readings)) return undefined
  const all = prefixVariants(captured, named)
  const prefixes = all.filter(({ value }) => !value.guess)
  const guesses = all.filter(({ value }) => value.guess)
  const keys = keysOf(secretVariants(captured), readings)
  const plainKeys = unchanged(keys)
  const bodies = [unchangedBody(captured)]
  const isSmall = captured.body.length <= SMALL

  return (
    (await search({ prefixes, keys, bodies }, [0, 1])) ??
    (await tryAll(
      changedOnly(captured, await changedBodies(captured), {
        prefixes: unchanged(prefixes),
        keys: plainKeys,
        bodies,
      }),
      ALONE,
    )) ??
    (await search(
      { prefixes: guesses, keys: plainKeys, bodies: bodies.slice(0, 1) },
      [1],
      GUESSED,
    )) ??
    (await search(
      { prefixes, keys, bodies: await withPairs(captured, bodies) },
      isSmall ? [1, 2, 3] : [2, 3],
    ))
  )
}

interface Space {
  readonly prefixes: readonly Variant<Prefix>[]
  readonly keys: readonly Variant<TriedKey>[]
  /** Filled with the bodies that were tried. */
  readonly bodies: Variant<Uint8Array>[]
}

/** Nothing changed but the body. */
function* changedOnly(
  captured: Captured,
  changed: Iterable<Variant<Uint8Array>>,
  { prefixes, keys, bodies }: Space,
): Generator<Combination<TriedKey, Uint8Array, Prefix>> {
  let kept = 0
  for (const body of changed) {
    for (const key of keys) for (const prefix of prefixes) yield { key, body, prefix }
    kept += body.value.length
    if (captured.body.length <= SMALL || kept <= MAX_KEPT) bodies.push(body)
  }
}

function unchanged<T>(variants: readonly Variant<T>[]): Variant<T>[] {
  return variants.filter(({ changes }) => changes.length === 0)
}
