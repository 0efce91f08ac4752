import { type Awaitable, andThen } from '../base/awaitable.js'
import { SCHEMES } from './schemes.js'
import { type KeyMaterial, parseSecret } from './secrets.js'
import type { Secret, VerificationKey } from './types.js'

/** The key that a secret stands for. Throws a `TypeError` for a secret that cannot be used. */
export function toKey(secret: Secret, minBytes?: number): Awaitable<VerificationKey> {
  return importKey(parseSecret(secret, minBytes))
}

// Kept outside the keys, so that printing a key never prints its bytes.
const materials = new WeakMap<VerificationKey, KeyMaterial>()

export function importKey(material: KeyMaterial): Awaitable<VerificationKey> {
  return andThen(SCHEMES[material.scheme].importKey(material.bytes), (key) => {
    materials.set(key, material)
    return key
  })
}

/** The secret that a key was made from; `undefined` for a key that was not made here. For diagnosis only. */
export function materialOf(key: VerificationKey): KeyMaterial | undefined {
  return materials.get(key)
}
