import type { VerificationKey } from '../../delivery/types.js'
import { staticSource } from '../../sources/static.js'

/** The short fingerprints of secrets, safe to print. Throws a `TypeError` for a secret that cannot be used. */
export async function fingerprintsOf(secrets: readonly string[]): Promise<string[]> {
  const { keys } = await staticSource(secrets, 1).read({})
  // A static source holds keys that are imported already.
  return (keys as readonly VerificationKey[]).map(({ keyId }) => keyId)
}
