import { decodeBase64, decodeHex, encodeUtf8 } from '../base/bytes.js'
import type { Scheme, Secret } from './types.js'

/** Key bytes and the one algorithm they are for. */
export interface KeyMaterial {
  readonly scheme: Scheme
  readonly bytes: Uint8Array
}

/** Standard Webhooks, "Signature scheme": a secret has between 24 and 64 bytes. */
export const MIN_SECRET_BYTES = 24

const decoders = {
  utf8: encodeUtf8,
  hex: (value: string) => decodeHex(value.trim()),
  base64: decodeText,
}

/**
 * Turns a secret into key bytes.
 * Throws a `TypeError` that says what is wrong with it and never quotes it.
 */
export function parseSecret(secret: Secret, minBytes: number = MIN_SECRET_BYTES): KeyMaterial {
  if (typeof secret === 'string') {
    const text = secretText(secret)
    return text.startsWith('whpk_')
      ? publicKey(text.slice(5))
      : parseSecret({ value: secret, encoding: 'base64' }, minBytes)
  }
  if (ArrayBuffer.isView(secret)) {
    // Wider elements are numbers of somebody's, not key bytes.
    if (secret.BYTES_PER_ELEMENT === 1) return macKey(Uint8Array.from(secret), minBytes)
  } else if (typeof secret?.value === 'string' && Object.hasOwn(decoders, secret.encoding)) {
    // Public bytes must never become an HMAC key, whatever encoding was asked for and whatever prefix was put before.
    if (/^(wh(sec)?_)?wh[ps]k_/i.test(secretText(secret.value)))
      throw new TypeError('a whsk_ secret is for signing, verify with its whpk_ key as a string')
    return macKey(decoders[secret.encoding](secret.value), minBytes)
  }
  throw new TypeError(
    `the secret must be a string, Uint8Array or { value, encoding }, not ${typeof secret} (is the variable set?)`,
  )
}

/** Surrounding white space and a leading `v1,` (as some dashboards show it) are no part of a secret. */
export function secretText(secret: string): string {
  return secret.trim().replace(/^v1,/, '')
}

function decodeText(value: string): Uint8Array | undefined {
  return decodeBase64(secretText(value).replace(/^wh(sec)?_/, ''))
}

function publicKey(encoded: string): KeyMaterial {
  const bytes = decodeBase64(encoded)
  if (bytes?.length === 32) return { scheme: 'v1a', bytes }
  throw new TypeError('a whpk_ key must be 32 bytes in base64')
}

function macKey(bytes: Uint8Array | undefined, minBytes: number): KeyMaterial {
  if (!bytes) {
    throw new TypeError(
      "the secret must be base64 (for plain characters use { value, encoding: 'utf8' })",
    )
  }
  const { length } = bytes
  if (length && length >= minBytes) return { scheme: 'v1', bytes }
  throw new TypeError(
    `the secret has ${length} key bytes and must have ${minBytes} (wh_asdf1234 only shows the format): use generateSecret() for tests, minSecretBytes for a sender of shorter ones`,
  )
}
