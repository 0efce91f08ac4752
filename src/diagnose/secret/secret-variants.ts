import { decodeBase64, encodeUtf8 } from '../../base/bytes.js'
import { isStrongPublicKey } from '../../delivery/public-key.js'
import { secretText } from '../../delivery/secrets.js'
import type { Secret, VerificationKey } from '../../delivery/types.js'
import type { Captured } from '../capture.js'
import { binaryText, forgivingBase64 } from '../text.js'
import { type Add, behind, change, createVariants, type Variant } from '../variants.js'
import { AS_TEXT, meant, misreadings, readable } from './misreadings.js'

export type KeyBytes =
  | {
      readonly algorithm: 'SHA-256' | 'SHA-1' | 'SHA-384' | 'SHA-512' | 'Ed25519'
      readonly bytes: Uint8Array
    }
  | { readonly algorithm: 'own'; readonly key: VerificationKey }

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const algorithm = 'SHA-256'

/** Every key that somebody may make of the given secrets. The right reading of each secret comes first. */
export function secretVariants({ secrets, ownKeys, previous }: Captured): Variant<KeyBytes>[] {
  const { add, list } = createVariants<KeyBytes>((key) =>
    key.algorithm === 'own' ? `own ${key.key.keyId}` : key.algorithm + binaryText(key.bytes),
  )
  const given: readonly (readonly [Secret, Add<KeyBytes>])[] = [
    ...secrets.map((secret) => [secret, add] as const),
    ...previous.map((secret) => [secret, behind(add, change('secret_previous'))] as const),
  ]
  for (const key of ownKeys) add({ algorithm: 'own', key })
  for (const one of given) addMeant(...one)
  for (const one of given) addMisread(...one)
  addEmpty(add)
  for (const one of given) addHashes(...one)
  for (const one of given) addCut(...one)
  return list
}

function addMeant(secret: Secret, add: Add<KeyBytes>): void {
  const key = meant(secret)
  if (key) add({ algorithm: key.scheme === 'v1' ? algorithm : 'Ed25519', bytes: key.bytes })
  const text = textIn(secret)
  const bytes = text.startsWith('whsk_') ? decodeBase64(text.slice(5))?.slice(32) : undefined
  if (bytes?.length !== 32 || !isStrongPublicKey(bytes)) return
  add({ algorithm: 'Ed25519', bytes }, change('secret_is_private_key'))
}

function addMisread(secret: Secret, add: Add<KeyBytes>): void {
  for (const [key, ...changes] of misreadings(secret)) {
    const bytes = typeof key === 'string' ? encodeUtf8(key) : key
    if (bytes?.length) add({ algorithm, bytes }, ...changes)
  }
}

/** HMAC pads a short key with zeros, so one zero byte is the same as the empty key. */
function addEmpty(add: Add<KeyBytes>): void {
  const code = 'secret_empty'
  add({ algorithm, bytes: Uint8Array.of(0) }, { code })
  for (const text of ['undefined', 'null', '[object Object]', 'false', 'None', 'nil']) {
    const detail = `the text ${text}`
    add({ algorithm, bytes: encodeUtf8(text) }, { code, detail })
    add({ algorithm, bytes: forgivingBase64(text) }, { code, detail: `${detail}, decoded` })
  }
}

function addHashes(secret: Secret, add: Add<KeyBytes>): void {
  const key = meant(secret)
  const text = encodeUtf8(textIn(secret))
  for (const algorithm of ['SHA-512', 'SHA-1', 'SHA-384'] as const) {
    const other = change('algorithm', algorithm)
    if (key?.scheme === 'v1') add({ algorithm, bytes: key.bytes }, other)
    if (text.length > 0) add({ algorithm, bytes: text }, other, AS_TEXT)
  }
}

/** One character is missing at an end: 64 guesses for each end. */
function addCut(secret: Secret, add: Add<KeyBytes>): void {
  const bare = textIn(secret)
    .replace(/^wh(sec)?_/, '')
    .replace(/=+$/, '')
  const missing = change('secret_damaged', 'a character is missing at an end')
  for (const digit of typeof secret === 'string' ? DIGITS : '') {
    for (const text of [bare + digit, digit + bare]) {
      const bytes = readable(text)
      if (bytes) add({ algorithm, bytes }, { ...missing, guess: true })
    }
  }
}

function textIn(secret: Secret): string {
  return typeof secret === 'string' ? secretText(secret) : ''
}
