import { concatBytes, decodeBase64, encodeBase64, encodeUtf8 } from '../base/bytes.js'
import { subtleCrypto } from '../base/platform.js'

export type MacKey = CryptoKey
export type PublicKey = CryptoKey
export type PrivateKey = CryptoKey

export function importMacKey(bytes: Uint8Array): Promise<MacKey> {
  return subtleCrypto().importKey('raw', own(bytes), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ])
}

/** HMAC-SHA256 of `prefix` and `body`, in base64. */
export async function mac(key: MacKey, prefix: string, body: Uint8Array): Promise<string> {
  return encodeBase64(new Uint8Array(await subtleCrypto().sign('HMAC', key, content(prefix, body))))
}

export function importPublicKey(bytes: Uint8Array): Promise<PublicKey> {
  return subtleCrypto().importKey('raw', own(bytes), 'Ed25519', false, ['verify'])
}

export function importPrivateKey(pkcs8: Uint8Array): Promise<PrivateKey> {
  return subtleCrypto().importKey('pkcs8', own(pkcs8), 'Ed25519', false, ['sign'])
}

export function verifySignature(
  key: PublicKey,
  signature: string,
  prefix: string,
  body: Uint8Array,
): Promise<boolean> {
  return subtleCrypto().verify(
    'Ed25519',
    key,
    own(decodeBase64(signature) as Uint8Array),
    content(prefix, body),
  )
}

export async function createSignature(
  key: PrivateKey,
  prefix: string,
  body: Uint8Array,
): Promise<string> {
  return encodeBase64(
    new Uint8Array(await subtleCrypto().sign('Ed25519', key, content(prefix, body))),
  )
}

function content(prefix: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes(encodeUtf8(prefix), body)
}

/** Key bytes are never shared memory, because `secrets` has copied or decoded them. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>
}
