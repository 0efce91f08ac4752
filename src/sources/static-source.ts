import { type Awaitable, all, andThen } from '../base/awaitable.js'
import { importKey } from '../delivery/import-key.js'
import { parseSecret } from '../delivery/secrets.js'
import type { KeySet, Secret, SecretSource } from '../delivery/types.js'

/** Keys that never change: a mismatch is final. Throws a `TypeError` for a secret that cannot be used. */
export function staticSource(secrets: readonly Secret[], minBytes?: number): SecretSource {
  if (!secrets.length) throw new TypeError('the list of secrets is empty: give at least one')
  const materials = secrets.map((secret) => parseSecret(secret, minBytes))
  let known: KeySet | undefined
  // Promises are not kept: on Workers, one request must not wait for a promise of another.
  const read = (): Awaitable<KeySet> =>
    known ?? andThen(all(materials.map(importKey)), (keys) => (known = { keys, current: true }))
  return { read, reread: read }
}
