import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'

export type MacKey = KeyObject
export type PublicKey = KeyObject
export type PrivateKey = KeyObject

export function importMacKey(bytes: Uint8Array): MacKey {
  return createSecretKey(bytes)
}

/** HMAC-SHA256 of `prefix` and `body`, in base64. */
export function mac(key: MacKey, prefix: string, body: Uint8Array): string {
  return createHmac('sha256', key).update(prefix).update(body).digest('base64')
}

export function importPublicKey(bytes: Uint8Array): PublicKey {
  const x = Buffer.from(bytes).toString('base64url')
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
}

export function importPrivateKey(pkcs8: Uint8Array): PrivateKey {
  return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
}

export function verifySignature(
  key: PublicKey,
  signature: string,
  prefix: string,
  body: Uint8Array,
): boolean {
  return verify(null, content(prefix, body), key, Buffer.from(signature, 'base64'))
}

export function createSignature(key: PrivateKey, prefix: string, body: Uint8Array): string {
  return sign(null, content(prefix, body), key).toString('base64')
}

function content(prefix: string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(prefix), body])
}
