import { type Awaitable, all, andThen } from '../base/awaitable.js'
import { parseSecret } from '../delivery/secrets.js'
import { importKey } from '../delivery/signature.js'
import type { KeySet, Secret, SecretSource } from '../delivery/types.js'

/** Keys that never change: a mismatch is final. Throws a `TypeError` for a secret that cannot be used. */
export function staticSource(secrets: readonly Secret[], minBytes?: number): SecretSource {
  if (!secrets.length) throw new TypeError('the secret must not be empty')
  const materials = secrets.map((secret) => parseSecret(secret, minBytes))
  let known: KeySet | undefined
  // No promise is kept: on Workers one request may not wait for another's.
  const read = (): Awaitable<KeySet> =>
    known ?? andThen(all(materials.map(importKey)), (keys) => (known = { keys, current: true }))
  return { read, reread: read }
}
