import { decodeBase64, encodeBase64 } from '../base/bytes.js'
import { toKey } from './import-key.js'
import { secretText } from './secrets.js'
import type { Secret } from './types.js'

/**
 * Resolves to the fingerprint of a secret. It is the same text as `webhook.keyId` and the `keyId` and `expectedKeyIds` of `onVerdict`, so a sender
 * and a receiver can compare their secrets without showing them. A `whsk_` secret has the fingerprint of its public key.
 *
 * Rejects with a `TypeError` for a secret that cannot be used.
 *
 * @example
 * ```ts
 * import { keyIdOf } from 'countersign'
 * console.log(await keyIdOf('wh_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo')) // eight characters, safe to log
 * ```
 */
export async function keyIdOf(secret: Secret): Promise<string> {
  // A short secret is accepted here, so that it can be compared although a verifier refuses it.
  const { keyId } = await toKey(publicHalf(secret) ?? secret, 1)
  return keyId
}

function publicHalf(secret: Secret): string | undefined {
  const text = typeof secret === 'string' ? secretText(secret) : ''
  const pair = text.startsWith('whsk_') ? decodeBase64(text.slice(5)) : undefined
  return pair?.length === 64 ? `whpk_${encodeBase64(pair.subarray(32))}` : undefined
}
