import { changedBodies, unchangedBody, withPairs } from '../body/changed-bodies.js'
import { type Captured, SMALL } from '../capture.js'
import type { Named } from '../headers/named-headers.js'
import { prefixVariants } from '../headers/prefix-variants.js'
import { hasSignature, type Readings } from '../headers/signature-readings.js'
import { secretVariants } from '../secret/secret-variants.js'
import { type Change, isGuess } from '../variants.js'
import { having } from './combinations.js'
import { ALONE, GUESSED, search, type Tried, tryAll } from './search.js'
import { triedKeys } from './tried-keys.js'

/** Bytes of the changed forms of a large body that are kept to try a second change with. */
const MAX_KEPT = 16 * 1024 * 1024

/** Tries one change first, because that is the usual case, and then several together. The expensive searches come last. */
export async function findChanges(
  captured: Captured,
  named: Named,
  readings: Readings,
): Promise<readonly Change[] | undefined> {
  if (!hasSignature(readings)) return undefined
  const all = prefixVariants(captured, named)
  const prefixes = all.filter((prefix) => !isGuess(prefix))
  const guesses = all.filter(isGuess)
  const keys = triedKeys(secretVariants(captured), readings)
  const bodies = [unchangedBody(captured)]
  const plain = { keys: having(0, keys), prefixes: having(0, prefixes), bodies: bodies.slice() }
  const changed = await changedBodies(captured)
  const isSmall = captured.body.length <= SMALL

  function* bodiesAlone(): Generator<Tried> {
    let size = 0
    for (const body of changed) {
      for (const key of plain.keys) for (const prefix of plain.prefixes) yield { key, body, prefix }
      size += body.value.length
      if (isSmall || size <= MAX_KEPT) bodies.push(body)
    }
  }

  return (
    (await search({ prefixes, keys, bodies }, [0, 1])) ??
    (await tryAll(bodiesAlone(), ALONE)) ??
    (await search({ ...plain, prefixes: guesses }, [1], GUESSED)) ??
    (await search(
      { prefixes, keys, bodies: await withPairs(captured, bodies) },
      isSmall ? [1, 2, 3] : [2, 3],
    ))
  )
}
