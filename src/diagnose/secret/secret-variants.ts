import { decodeBase64, encodeUtf8 } from '../../base/bytes.js'
import { isStrongPublicKey } from '../../delivery/public-key.js'
import { secretText } from '../../delivery/secrets.js'
import type { Secret, VerificationKey } from '../../delivery/types.js'
import type { Captured } from '../capture.js'
import { type Change, createVariants, type Variant } from '../finding.js'
import { binaryText, forgivingBase64 } from '../text.js'
import { AS_TEXT, addMisreadings, meant, readable } from './misreadings.js'

/** A key, and what it is for. */
export type KeyBytes = {
  /** One of many guesses: tried alone, never together with another change. */
  readonly guess?: true
} & (
  | {
      readonly algorithm: 'SHA-256' | 'SHA-1' | 'SHA-384' | 'SHA-512' | 'Ed25519'
      readonly bytes: Uint8Array
    }
  | { readonly algorithm: 'own'; readonly key: VerificationKey }
)

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

type AddKey = (value: KeyBytes, ...changes: Change[]) => void

/** Every key that may have been made of the secrets given; the secrets as they are meant come first. */
export function secretVariants(captured: Captured): readonly Variant<KeyBytes>[] {
  const { secrets, ownKeys, previous } = captured
  const variants = createVariants<KeyBytes>(identityOf)
  const given: readonly (readonly [Secret, ...Change[]])[] = [
    ...secrets.map((secret) => [secret] as const),
    ...previous.map((secret) => [secret, { code: 'secret_previous' }] as const),
  ]
  for (const key of ownKeys) variants.add({ algorithm: 'own', key })
  for (const [secret, ...which] of given) addMeant(secret, which, variants.add)
  for (const [secret, ...which] of given) {
    addMisreadings(secret, (bytes, ...changes) => {
      if (bytes?.length) variants.add({ algorithm: 'SHA-256', bytes }, ...which, ...changes)
    })
  }
  addEmpty(variants.add)
  for (const [secret, ...which] of given) addHashes(secret, which, variants.add)
  for (const [secret, ...which] of given) addCut(secret, which, variants.add)
  return variants.list
}

function identityOf(value: KeyBytes): string {
  return value.algorithm === 'own'
    ? `own ${value.key.keyId}`
    : value.algorithm + binaryText(value.bytes)
}

/** What the verifier makes of it, however short. */
function addMeant(secret: Secret, which: readonly Change[], add: AddKey): void {
  const key = meant(secret)
  if (key)
    add({ algorithm: key.scheme === 'v1' ? 'SHA-256' : 'Ed25519', bytes: key.bytes }, ...which)
  const text = typeof secret === 'string' ? secretText(secret) : ''
  const pair = text.startsWith('whsk_') ? decodeBase64(text.slice(5)) : undefined
  const bytes = pair?.slice(32)
  if (bytes?.length !== 32 || !isStrongPublicKey(bytes)) return
  add({ algorithm: 'Ed25519', bytes }, ...which, { code: 'secret_is_private_key' })
}

/** HMAC fills a short key up with zeros, so one zero byte is the empty key. */
function addEmpty(add: AddKey): void {
  const code = 'secret_empty'
  add({ algorithm: 'SHA-256', bytes: Uint8Array.of(0) }, { code })
  for (const text of ['undefined', 'null', '[object Object]', 'false', 'None', 'nil']) {
    const detail = `the text ${text}`
    add({ algorithm: 'SHA-256', bytes: encodeUtf8(text) }, { code, detail })
    const bytes = forgivingBase64(text)
    add({ algorithm: 'SHA-256', bytes }, { code, detail: `${detail}, decoded` })
  }
}

function addHashes(secret: Secret, which: readonly Change[], add: AddKey): void {
  const key = meant(secret)
  const text = typeof secret === 'string' ? encodeUtf8(secretText(secret)) : new Uint8Array(0)
  for (const algorithm of ['SHA-512', 'SHA-1', 'SHA-384'] as const) {
    const change = { code: 'algorithm', detail: algorithm } as const
    if (key?.scheme === 'v1') add({ algorithm, bytes: key.bytes }, ...which, change)
    if (text.length > 0) add({ algorithm, bytes: text }, ...which, change, AS_TEXT)
  }
}

/** One character missing at an end: 64 guesses each. */
function addCut(secret: Secret, which: readonly Change[], add: AddKey): void {
  if (typeof secret !== 'string') return
  const change = { code: 'secret_damaged', detail: 'a character is missing at an end' } as const
  const bare = secretText(secret)
    .replace(/^wh(sec)?_/, '')
    .replace(/=+$/, '')
  for (const digit of DIGITS) {
    for (const text of [bare + digit, digit + bare]) {
      const bytes = readable(text)
      if (bytes) add({ algorithm: 'SHA-256', bytes, guess: true }, ...which, change)
    }
  }
}
