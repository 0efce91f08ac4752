import type { KeyObject } from 'node:crypto'

// Loaded with the first key and not at import, because this module takes most of the time of an import.
let crypto: typeof import('node:crypto')

function loadCrypto(): typeof crypto {
  crypto ??= process.getBuiltinModule('node:crypto')
  return crypto
}

/** A key with its two padded blocks (RFC 2104), which are computed once. Node's one-shot `hash` over them takes a third less time than `createHmac`. */
export interface MacKey {
  readonly key: KeyObject
  readonly inner: Uint8Array
  /** The block, followed by room for the inner digest. */
  readonly outer: Buffer
}
export type PublicKey = KeyObject
export type PrivateKey = KeyObject

const BLOCK = 64
// Shared by all calls, because nothing here is asynchronous.
const scratch = Buffer.allocUnsafeSlow(65_536)

export function importMacKey(bytes: Uint8Array): MacKey {
  const { hash, createSecretKey } = loadCrypto()
  const block = Buffer.alloc(BLOCK + 32)
  block.set(bytes.length > BLOCK ? hash('sha256', bytes, 'buffer') : bytes)
  return {
    key: createSecretKey(bytes),
    inner: block.subarray(0, BLOCK).map((byte) => byte ^ 0x36),
    outer: Buffer.from(block.map((byte) => byte ^ 0x5c).buffer),
  }
}

/** HMAC-SHA256 of `prefix` and `body`, in base64. */
export function mac({ key, inner, outer }: MacKey, prefix: string, body: Uint8Array): string {
  if (BLOCK + prefix.length * 3 + body.length > scratch.length) {
    return crypto.createHmac('sha256', key).update(prefix).update(body).digest('base64')
  }
  scratch.set(inner)
  const start = BLOCK + scratch.write(prefix, BLOCK)
  scratch.set(body, start)
  // One character for each byte, which is the cheapest encoding to write and to read.
  const digest = crypto.hash('sha256', scratch.subarray(0, start + body.length), 'binary')
  outer.write(digest, BLOCK, 'latin1')
  return crypto.hash('sha256', outer, 'base64')
}

export function importPublicKey(bytes: Uint8Array): PublicKey {
  const x = Buffer.from(bytes).toString('base64url')
  return loadCrypto().createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
}

export function importPrivateKey(pkcs8: Uint8Array): PrivateKey {
  return loadCrypto().createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
}

export function verifySignature(
  key: PublicKey,
  signature: string,
  prefix: string,
  body: Uint8Array,
): boolean {
  return crypto.verify(null, content(prefix, body), key, Buffer.from(signature, 'base64'))
}

export function createSignature(key: PrivateKey, prefix: string, body: Uint8Array): string {
  return crypto.sign(null, content(prefix, body), key).toString('base64')
}

function content(prefix: string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(prefix), body])
}
