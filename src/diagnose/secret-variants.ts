import { decodeBase64, decodeHex, encodeBase64, encodeUtf8 } from '../bytes.js'
import { parseSecret, secretText } from '../secrets.js'
import type { EncodedSecret, Secret } from '../types.js'
import type { Captured } from './delivery.js'
import { type Change, createVariants, type Variant } from './finding.js'
import { binaryText, forgivingBase64, percentDecoded, plainBase64, textOf } from './text.js'

/** Key bytes, and what they are for. */
export interface KeyBytes {
  readonly algorithm: 'SHA-256' | 'SHA-1' | 'SHA-384' | 'SHA-512' | 'Ed25519'
  readonly bytes: Uint8Array
  /** One of many guesses: tried alone, never together with another change. */
  readonly guess?: true
}

type Add = (value: Uint8Array | undefined, ...changes: Change[]) => void

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

function meant(secret: Secret): ReturnType<typeof parseSecret> | undefined {
  try {
    return parseSecret(secret, 1)
  } catch {
    return undefined
  }
}

function addMisread(secret: Secret, add: Add): void {
  if (typeof secret === 'string') addText(secret, add)
  else if (ArrayBuffer.isView(secret)) addBytes(secret as Uint8Array, add)
  else if (typeof secret?.value === 'string') addEncoded(secret, add)
}

/** Somebody else's reading of the text. */
function addText(secret: string, add: Add): void {
  const text = secretText(secret)
  const bare = text.replace(/^wh(sec|sk|pk)?_/, '')
  const prefixed = text !== bare
  if (prefixed) add(encodeUtf8(text), asText('its prefix left on'))
  add(encodeUtf8(bare), asText(prefixed ? 'without its prefix' : undefined))
  addWhiteSpace(secret, [text, bare], add)
  if (prefixed) addPrefixKept(text, add)
  add(decodeHex(bare), { code: 'secret_hex' })
  if (prefixed) add(decodeHex(text), { code: 'secret_hex' })
  addUnwrapped(secret, add)
  addUnderscore(text, bare, add)
  addBase64Url(bare, add)
  addDoubled(bare, add)
  const decoded = percentDecoded(text)
  if (decoded !== undefined) add(readable(decoded), { code: 'secret_url_encoded' })
  if (text.includes(' ')) add(readable(text.replaceAll(' ', '+')), { code: 'secret_url_encoded' })
  if (meant(secret) === undefined) add(forgivingBase64(bare), { code: 'secret_stray_characters' })
}

function asText(detail: string | undefined): Change {
  return { code: 'secret_used_as_text', ...(detail !== undefined && { detail }) }
}

/** Key bytes of text as it is meant. */
function readable(text: string): Uint8Array | undefined {
  const key = meant(text)
  return key?.scheme === 'v1' ? key.bytes : undefined
}

function addWhiteSpace(secret: string, texts: readonly string[], add: Add): void {
  const change = { code: 'secret_whitespace' } as const
  if (secret !== secret.trim()) add(encodeUtf8(secret), change)
  for (const text of texts) {
    for (const end of ['\n', '\r\n', ' ']) add(encodeUtf8(text + end), change)
  }
}

function addPrefixKept(text: string, add: Add): void {
  const change = { code: 'secret_prefix_kept' } as const
  add(forgivingBase64(text), change)
  add(plainBase64(text), change)
  const upToPadding = text.replace(/=.*$/s, '')
  add(forgivingBase64(upToPadding), change)
}

function addUnderscore(text: string, bare: string, add: Add): void {
  const pieces = [text.split('_')[1], text.split('_').at(-1), bare.split('_')[0]]
  for (const piece of pieces) {
    if (piece === undefined || piece === bare || piece === text) continue
    add(forgivingBase64(piece), { code: 'secret_cut_at_underscore' })
    add(encodeUtf8(piece), { code: 'secret_cut_at_underscore' }, asText(undefined))
  }
}

function addBase64Url(bare: string, add: Add): void {
  const change = { code: 'secret_base64url' } as const
  if (/[-_]/.test(bare)) {
    add(plainBase64(bare), change)
    add(forgivingBase64(bare), change)
    add(forgivingBase64(bare.split(/[-_]/)[0] ?? ''), change)
  }
  const url = bare.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
  const plain = url.replaceAll('-', '+').replaceAll('_', '/')
  for (const text of [url, plain, plain.padEnd(Math.ceil(plain.length / 4) * 4, '=')]) {
    add(encodeUtf8(text), change, asText(undefined))
  }
}

/** Quotes, `NAME=`, `Bearer` and escaped newlines around it, as settings files leave them. */
function addUnwrapped(secret: string, add: Add): void {
  const inner = secret
    .trim()
    .replace(/^(export\s+)?[A-Z][A-Z0-9_]*\s*=\s*/, '')
    .replace(/^(bearer|secret:?)\s+/i, '')
    .replace(/(\\[rn])+$/, '')
    .replace(/^["'`“”‘’<]+|["'`“”‘’>,;.]+$/g, '')
    .replace(/(\\[rn])+$/, '')
  if (inner === secret.trim()) return
  add(readable(inner), { code: 'secret_quoted' })
  add(encodeUtf8(inner), { code: 'secret_quoted' }, asText(undefined))
  // The other side may be the one that kept them.
  add(encodeUtf8(secret), { code: 'secret_quoted' }, asText(undefined))
}

function addDoubled(bare: string, add: Add): void {
  const change = { code: 'secret_double_encoded' } as const
  const once = textOf(forgivingBase64(bare))
  if (once !== undefined && /^[!-~\s]+$/.test(once)) {
    add(readable(once), change)
    add(encodeUtf8(once.trim()), change)
  }
  add(encodeUtf8(encodeBase64(encodeUtf8(bare))), change)
}

/** Bytes that are really the characters of a secret. */
function addBytes(secret: Uint8Array, add: Add): void {
  const text = textOf(secret)
  if (text === undefined || !/^[!-~\s]+$/.test(text)) return
  const detail = 'the bytes given are the characters of a secret'
  add(readable(text), asText(detail))
  const trimmed = text.trim()
  if (trimmed !== text) add(encodeUtf8(trimmed), { code: 'secret_whitespace' })
  addText(text, (bytes, ...changes) => add(bytes, asText(detail), ...changes))
}

function addEncoded({ value, encoding }: EncodedSecret, add: Add): void {
  const trimmed = meant({ value: value.trim(), encoding })
  add(trimmed?.bytes, { code: 'secret_whitespace' })
  const others = [
    ['base64', 'secret_is_base64'],
    ['hex', 'secret_hex'],
    ['utf8', 'secret_used_as_text'],
  ] as const
  for (const [other, code] of others) {
    const key = other === encoding ? undefined : meant({ value, encoding: other })
    add(key?.bytes, { code })
  }
  addText(value, add)
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
