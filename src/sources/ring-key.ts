import { encodeBase64 } from '../base/bytes.js'
import { parseSecret } from '../delivery/secrets.js'
import { importKey } from '../delivery/signature.js'
import type { Secret } from '../delivery/types.js'
import type { RingKey } from './key-ring.js'

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
