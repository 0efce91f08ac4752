import { decodeBase64, decodeHex, encodeUtf8 } from './bytes.js'
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
    const [, encoded] = /^whpk_(.*)/s.exec(secretText(secret)) ?? []
    return encoded === undefined ? macKey(decodeText(secret), minBytes) : publicKey(encoded)
  }
  if (ArrayBuffer.isView(secret)) return macKey(Uint8Array.from(secret), minBytes)
  if (typeof secret?.value === 'string' && Object.hasOwn(decoders, secret.encoding))
    return macKey(decoders[secret.encoding](secret.value), minBytes)
  throw new TypeError(
    `a secret is a string, Uint8Array or { value, encoding: 'utf8' | 'hex' | 'base64' }, not ${typeof secret}; is the variable set?`,
  )
}

/** Surrounding white space and a leading `v1,` (as some dashboards show it) are no part of a secret. */
export function secretText(secret: string): string {
  return secret.trim().replace(/^v1,/, '')
}

function decodeText(value: string): Uint8Array | undefined {
  const text = secretText(value)
  // Public bytes must never become an HMAC key, whatever encoding was asked for.
  if (/^wh[ps]k_/.test(text))
    throw new TypeError('a whsk_ secret signs; verify with its whpk_ public key, as a string')
  return decodeBase64(text.replace(/^wh(sec)?_/, ''))
}

function publicKey(encoded: string): KeyMaterial {
  const bytes = decodeBase64(encoded)
  if (bytes?.length === 32) return { scheme: 'v1a', bytes }
  throw new TypeError('a whpk_ public key is 32 bytes in base64')
}

function macKey(bytes: Uint8Array | undefined, minBytes: number): KeyMaterial {
  if (!bytes) {
    throw new TypeError(
      "the secret is not clean base64 (cut short? a key in plain characters is { value, encoding: 'utf8' })",
    )
  }
  const { length } = bytes
  if (length >= minBytes) return { scheme: 'v1', bytes }
  throw new TypeError(
    `the secret has ${length} key bytes, not ${minBytes} or more. wh_asdf1234 in the account's documents only shows the format: use generateSecret() in tests, minSecretBytes for a sender who really issues shorter ones`,
  )
}
