import { changedBodies, unchangedBody, withPairs } from '../body/changed-bodies.js'
import { type Captured, SMALL } from '../capture.js'
import type { Named } from '../headers/named-headers.js'
import { prefixVariants } from '../headers/prefix-variants.js'
import { hasSignature, type Readings } from '../headers/signature-readings.js'
import { secretVariants } from '../secret/secret-variants.js'
import type { Change, Variant } from '../variants.js'
import { having } from './combinations.js'
import { ALONE, GUESSED, type SearchSpace, search, type Tried, tryAll } from './search.js'
import { triedKeys } from './tried-keys.js'

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
  const keys = triedKeys(secretVariants(captured), readings)
  const bodies = [unchangedBody(captured)]
  const plain = { keys: having(0, keys), prefixes: having(0, prefixes), bodies: bodies.slice() }
  const changed = bodiesAlone(captured, await changedBodies(captured), bodies)
  const isSmall = captured.body.length <= SMALL

  return (
    (await search({ prefixes, keys, bodies }, [0, 1])) ??
    (await tryAll(changedOnly(plain, changed), ALONE)) ??
    (await search({ ...plain, prefixes: guesses }, [1], GUESSED)) ??
    (await search(
      { prefixes, keys, bodies: await withPairs(captured, bodies) },
      isSmall ? [1, 2, 3] : [2, 3],
    ))
  )
}

/** Nothing changed but the body. */
function* changedOnly(
  { keys, prefixes }: SearchSpace,
  bodies: Iterable<Variant<Uint8Array>>,
): Generator<Tried> {
  for (const body of bodies) {
    for (const key of keys) for (const prefix of prefixes) yield { key, body, prefix }
  }
}

/** Puts what was tried into `kept`. */
function* bodiesAlone(
  { body }: Captured,
  changed: Iterable<Variant<Uint8Array>>,
  kept: Variant<Uint8Array>[],
): Generator<Variant<Uint8Array>> {
  let size = 0
  for (const variant of changed) {
    yield variant
    size += variant.value.length
    if (body.length <= SMALL || size <= MAX_KEPT) kept.push(variant)
  }
}
