import { assertSet } from '../base/assert-set.js'
import { decodeBase64, decodeHex, encodeUtf8 } from '../base/bytes.js'
import { isStrongPublicKey } from './public-key.js'
import type { Scheme, Secret } from './types.js'

/** Key bytes and their algorithm. */
export interface KeyMaterial {
  readonly scheme: Scheme
  readonly bytes: Uint8Array
}

/** Standard Webhooks, "Signature scheme": a secret has between 24 and 64 bytes. */
export const MIN_SECRET_BYTES = 24

const SECRET = 'the secret'

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
    // Arrays with wider elements hold numbers, not key bytes.
    if (secret.BYTES_PER_ELEMENT === 1) return macKey(Uint8Array.from(secret), minBytes)
  } else if (typeof secret?.value === 'string' && Object.hasOwn(decoders, secret.encoding)) {
    const { value, encoding } = secret
    assertSet(SECRET, value)
    // A public key must never become an HMAC key, whatever its encoding and prefix are.
    if (/^(wh(sec)?_)?wh[ps]k_/i.test(secretText(value))) {
      throw new TypeError(
        'the secret is a whsk_ private key, which only signs, or a whpk_ key with another prefix or an encoding: use the plain whpk_ public key',
      )
    }
    const bytes = decoders[encoding](value)
    if (bytes) return macKey(bytes, minBytes)
    // `utf8` accepts any text, so the encoding is one of the other two.
    throw undecodable(value, encoding as 'hex' | 'base64')
  }
  assertSet(SECRET, secret)
  throw new TypeError(
    `the secret must be a string, a Uint8Array or { value, encoding } with encoding 'utf8', 'hex' or 'base64', not ${{}.toString.call(secret).slice(8, -1)}`,
  )
}

/** Surrounding white space and a leading `v1,` (as some dashboards show it) do not belong to the secret. */
export function secretText(secret: string): string {
  return secret.trim().replace(/^v1,/, '')
}

function decodeText(value: string): Uint8Array | undefined {
  return decodeBase64(bareText(value))
}

function bareText(value: string): string {
  return secretText(value).replace(/^wh(sec)?_/, '')
}

function publicKey(encoded: string): KeyMaterial {
  const bytes = decodeBase64(encoded)
  if (bytes?.length !== 32) {
    const found = bytes ? `${bytes.length} bytes` : 'text that is not base64'
    throw new TypeError(
      `a whpk_ key must be 32 bytes in base64, but this is ${found}: copy it again`,
    )
  }
  if (isStrongPublicKey(bytes)) return { scheme: 'v1a', bytes }
  throw new TypeError(
    'the whpk_ key is weak or not an ed25519 key: anybody could sign for it, or nobody. Copy it again',
  )
}

function macKey(bytes: Uint8Array, minBytes: number): KeyMaterial {
  const { 0: first, length } = bytes
  if (!length) assertSet(SECRET, '')
  if (length < minBytes) {
    throw new TypeError(
      `the secret has ${length} key bytes; ${minBytes} are required (wh_asdf1234 in the account's documentation only shows the format). Use generateSecret() in tests, or set minSecretBytes if your sender issues shorter secrets`,
    )
  }
  // For HMAC, a key of zeros equals the empty key. Any repeated byte is a placeholder that anybody can guess.
  if (bytes.some((byte) => byte !== first)) return { scheme: 'v1', bytes }
  throw new TypeError(
    'all bytes of the secret are the same, so anybody can guess it: use the real one, or generateSecret() in tests',
  )
}

function undecodable(value: string, encoding: 'hex' | 'base64'): TypeError {
  if (encoding === 'hex') {
    return new TypeError('the secret must be hexadecimal: pairs of the digits 0-9 and a-f')
  }
  const text = bareText(value)
  return new TypeError(
    /^([A-Za-z0-9+/=]+|[\w=-]+)$/.test(text)
      ? `the secret is not base64: its ${text.replaceAll('=', '').length} characters do not make whole bytes. One is missing or too many, so copy it again`
      : "the secret is not base64: it has other characters in it. Copy it again, or use { value, encoding: 'utf8' } if the characters themselves are the key",
  )
}
