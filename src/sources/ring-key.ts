import { encodeBase64 } from '../base/bytes.js'
import { importKey } from '../delivery/import-key.js'
import { parseSecret } from '../delivery/secrets.js'
import type { Secret, VerificationKey } from '../delivery/types.js'

/** A key with the secret it came from, in the text form a snapshot stores. */
export interface RingKey {
  readonly key: VerificationKey
  readonly text: string
  /** When a read first showed that the account no longer has this key; `undefined` for the account's current keys. */
  readonly retiredAt?: number | undefined
}

/** Converts a secret to the form that a ring keeps. Rejects with a `TypeError` for an unusable secret. */
export async function toRingKey(
  secret: Secret,
  minBytes: number,
  retiredAt?: number,
): Promise<RingKey> {
  const material = parseSecret(secret, minBytes)
  const text = (material.scheme === 'v1' ? 'wh_' : 'whpk_') + encodeBase64(material.bytes)
  return { key: await importKey(material), text, retiredAt }
}

export function isCurrent({ retiredAt }: RingKey): boolean {
  return retiredAt === undefined
}

export function isRetired(key: RingKey): boolean {
  return !isCurrent(key)
}

export function idsOf(keys: readonly RingKey[]): string[] {
  return keys.map(({ key }) => key.keyId)
}
