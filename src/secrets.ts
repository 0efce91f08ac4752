import { decodeBase64, decodeHex, encodeUtf8 } from './bytes.js'
import type { Scheme, Secret } from './types.js'

/** Key bytes and the one algorithm they are for. */
export interface KeyMaterial {
  readonly scheme: Scheme
  readonly bytes: Uint8Array
}

/** Standard Webhooks, "Signature scheme": a secret has between 24 and 64 bytes. */
export const MIN_SECRET_BYTES = 24

const decoders = { utf8: encodeUtf8, hex: decodeHex, base64: decodeText }

/**
 * Turns a secret into key bytes.
 * Throws a `TypeError` that says what is wrong with it and never quotes it.
 */
export function parseSecret(secret: Secret, minBytes: number = MIN_SECRET_BYTES): KeyMaterial {
  if (typeof secret === 'string') {
    const text = secretText(secret)
    return text.startsWith('whpk_') ? publicKey(text) : macKey(decodeText(text), minBytes)
  }
  if (ArrayBuffer.isView(secret)) return macKey(secret.slice(), minBytes)
  const decode = typeof secret?.value === 'string' && decoders[secret.encoding]
  if (!decode) {
    throw new TypeError(
      `a secret is a string, a Uint8Array or { value, encoding: 'utf8' | 'hex' | 'base64' }, not ${typeof secret} (is the environment variable set?)`,
    )
  }
  return macKey(decode(secret.value), minBytes)
}

/** Surrounding white space and a leading `v1,` (as some dashboards show it) are no part of a secret. */
export function secretText(secret: string): string {
  return secret.trim().replace(/^v1,/, '')
}

function decodeText(value: string): Uint8Array | undefined {
  const text = secretText(value)
  if (text.startsWith('whsk_')) {
    throw new TypeError('a whsk_ secret is for signing; verify with the whpk_ public key')
  }
  return decodeBase64(text.replace(/^wh(sec)?_/, ''))
}

function publicKey(text: string): KeyMaterial {
  const bytes = decodeBase64(text.slice(5))
  if (bytes?.length !== 32) throw new TypeError('a whpk_ public key is 32 bytes in base64')
  return { scheme: 'v1a', bytes }
}

function macKey(bytes: Uint8Array | undefined, minBytes: number): KeyMaterial {
  if (!bytes) {
    throw new TypeError(
      'the secret is not clean base64, base64url or hex (cut short, or a character too many?); where its characters themselves are the key, use { value, encoding: "utf8" }',
    )
  }
  if (bytes.length === 0) throw new TypeError('the secret is empty')
  if (bytes.length < minBytes) {
    throw new TypeError(
      `the secret has ${bytes.length} key bytes, fewer than ${minBytes}. "wh_asdf1234" in the account's documents only shows the format: use generateSecret() in tests, or minSecretBytes for a sender who really issues shorter secrets`,
    )
  }
  return { scheme: 'v1', bytes }
}
