import { addBodyPairs, bodyVariants, unchangedBody } from './body-variants.js'
import type { Captured } from './delivery.js'
import type { Change, Variant } from './finding.js'
import { type Named, prefixVariants } from './prefix-variants.js'
import { search } from './search.js'
import { secretVariants } from './secret-variants.js'
import { hasSignature, type Readings } from './signature-readings.js'

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
  const keys = secretVariants(captured)
  const asItIs = unchangedBody(captured)
  const headersOrSecret = await search({ prefixes, keys, bodies: asItIs, readings }, [0, 1])
  if (headersOrSecret) return headersOrSecret

  const bodies = await bodyVariants(captured)
  const body = {
    prefixes: unchanged(prefixes),
    keys: unchanged(keys),
    bodies: bodies.list,
    readings,
  }
  const changes =
    (await search(body, [1])) ??
    (await search({ prefixes: guesses, keys: unchanged(keys), bodies: asItIs, readings }, [1]))
  if (changes) return changes

  const hasMore = await addBodyPairs(captured, bodies)
  return search({ prefixes, keys, bodies: bodies.list, readings }, hasMore ? [1, 2, 3] : [2, 3])
}

function unchanged<T>(variants: readonly Variant<T>[]): Variant<T>[] {
  return variants.filter(({ changes }) => changes.length === 0)
}
