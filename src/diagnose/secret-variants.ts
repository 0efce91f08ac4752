import { decodeBase64, encodeUtf8 } from '../base/bytes.js'
import { secretText } from '../delivery/secrets.js'
import type { Secret } from '../delivery/types.js'
import type { Captured } from './delivery.js'
import { type Change, createVariants, type Variant } from './finding.js'
import { addMisread, asText, meant, readable } from './secret-texts.js'
import { binaryText, forgivingBase64 } from './text.js'

/** Key bytes, and what they are for. */
export interface KeyBytes {
  readonly algorithm: 'SHA-256' | 'SHA-1' | 'SHA-384' | 'SHA-512' | 'Ed25519'
  readonly bytes: Uint8Array
  /** One of many guesses: tried alone, never together with another change. */
  readonly guess?: true
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Every key that may have been made of the secrets given; the first secret as it is meant comes first. */
export function secretVariants({ secrets, previous }: Captured): readonly Variant<KeyBytes>[] {
  const variants = createVariants<KeyBytes>(({ algorithm, bytes }) => algorithm + binaryText(bytes))
  const given = [
    ...secrets.map((secret, i) => ({ secret, which: i === 0 ? [] : [otherThan(i)] })),
    ...previous.map((secret) => ({ secret, which: [{ code: 'secret_previous' } as const] })),
  ]
  for (const { secret, which } of given) addMeant(secret, which, variants.add)
  for (const { secret, which } of given) {
    addMisread(secret, (bytes, ...changes) => {
      if (bytes?.length) variants.add({ algorithm: 'SHA-256', bytes }, ...which, ...changes)
    })
  }
  addEmpty(variants.add)
  for (const { secret, which } of given) addHashes(secret, which, variants.add)
  for (const { secret, which } of given) addCut(secret, which, variants.add)
  return variants.list
}

function otherThan(index: number): Change {
  return { code: 'secret_other', detail: `number ${index + 1} of those given` }
}

type AddKey = (value: KeyBytes, ...changes: Change[]) => void

/** What the verifier makes of it, however short. */
function addMeant(secret: Secret, which: readonly Change[], add: AddKey): void {
  const key = meant(secret)
  if (key)
    add({ algorithm: key.scheme === 'v1' ? 'SHA-256' : 'Ed25519', bytes: key.bytes }, ...which)
  const text = typeof secret === 'string' ? secretText(secret) : ''
  const pair = text.startsWith('whsk_') ? decodeBase64(text.slice(5)) : undefined
  if (pair?.length !== 64) return
  const bytes = pair.slice(32)
  add({ algorithm: 'Ed25519', bytes }, ...which, { code: 'secret_is_private_key' })
}

/** HMAC fills a short key up with zeros, so one zero byte is the empty key. */
function addEmpty(add: AddKey): void {
  const put = (bytes: Uint8Array, detail?: string): void =>
    add(
      { algorithm: 'SHA-256', bytes },
      { code: 'secret_empty', ...(detail !== undefined && { detail }) },
    )
  put(Uint8Array.of(0))
  for (const text of ['undefined', 'null', '[object Object]', 'false', 'None', 'nil']) {
    put(encodeUtf8(text), `the text ${text}`)
    put(forgivingBase64(text), `the text ${text}, decoded`)
  }
}

function addHashes(secret: Secret, which: readonly Change[], add: AddKey): void {
  const key = meant(secret)
  const texts = typeof secret === 'string' ? [encodeUtf8(secretText(secret))] : []
  for (const algorithm of ['SHA-512', 'SHA-1', 'SHA-384'] as const) {
    const change = { code: 'algorithm', detail: algorithm } as const
    if (key?.scheme === 'v1') add({ algorithm, bytes: key.bytes }, ...which, change)
    for (const bytes of texts) {
      if (bytes.length > 0) add({ algorithm, bytes }, ...which, change, asText(undefined))
    }
  }
}

/** One character missing at an end: 64 guesses each. */
function addCut(secret: Secret, which: readonly Change[], add: AddKey): void {
  if (typeof secret !== 'string') return
  const bare = secretText(secret)
    .replace(/^wh(sec)?_/, '')
    .replace(/=+$/, '')
  for (const digit of DIGITS) {
    for (const text of [bare + digit, digit + bare]) {
      const bytes = readable(text)
      if (bytes) {
        add({ algorithm: 'SHA-256', bytes, guess: true }, ...which, { code: 'secret_cut_short' })
      }
    }
  }
}
