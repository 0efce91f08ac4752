import { decodeHex, encodeUtf8 } from '../../base/bytes.js'
import { parseSecret, secretText } from '../../delivery/secrets.js'
import type { EncodedSecret, Secret } from '../../delivery/types.js'
import * as text from '../text.js'
import { type Change, change } from '../variants.js'

/** A key that somebody may make of a secret by mistake, and the mistakes. Text stands for its UTF-8. */
export type Misreading = readonly [key: Uint8Array | string | undefined, ...changes: Change[]]

export const AS_TEXT = change('secret_used_as_text')
const AS_HEX = change('secret_encoding', 'the other side reads it as hexadecimal')
const AS_BASE64 = change('secret_encoding', 'the other side reads it as base64')
const READ_AS = [
  ['base64', AS_BASE64],
  ['hex', AS_HEX],
  ['utf8', AS_TEXT],
] as const
const SPACE = change('secret_wrapped', 'white space or a newline')
const BASE64URL = change('secret_base64url')

/** The key that a verifier reads, even if it is too short. `undefined` if the secret is unusable. */
export function meant(secret: Secret): ReturnType<typeof parseSecret> | undefined {
  return text.attempt(() => parseSecret(secret, 1))
}

/** The bytes of an HMAC key, as a verifier reads them from text. */
export function readable(text: string): Uint8Array | undefined {
  const key = meant(text)
  return key?.scheme === 'v1' ? key.bytes : undefined
}

export function misreadings(secret: Secret): Iterable<Misreading> {
  if (typeof secret === 'string') return ofText(secret)
  if (ArrayBuffer.isView(secret)) return ofBytes(secret as Uint8Array)
  return typeof secret?.value === 'string' ? ofEncoded(secret) : []
}

function* ofText(secret: string): Generator<Misreading> {
  const whole = secretText(secret)
  const bare = whole.replace(/^wh(sec|sk|pk)?_/, '')
  if (whole === bare) yield [bare, AS_TEXT]
  else {
    yield [whole, { ...AS_TEXT, detail: 'its prefix left on' }]
    yield [bare, { ...AS_TEXT, detail: 'without its prefix' }]
    const kept = change('secret_prefix', 'the prefix was decoded with the rest')
    yield [text.forgivingBase64(whole), kept]
    yield [text.forgivingBase64(whole.replace(/=.*$/s, '')), kept]
    yield [text.plainBase64(whole), kept]
  }
  yield [decodeHex(bare), AS_HEX]
  yield [decodeHex(whole), AS_HEX]
  // Decoded correctly and then used as text: atob(…), toString(), toString('hex').
  const key = meant(secret)?.bytes ?? text.forgivingBase64(bare)
  yield [text.binaryText(key), change('secret_decoded_to_text')]
  yield [text.lossyText(key), change('secret_decoded_to_text')]
  yield [text.hexText(key), change('secret_encoding', 'the hexadecimal text of the key')]
  yield* withWhiteSpace(secret, [whole, bare])
  yield* unwrapped(secret)
  yield* cutAtUnderscore(whole, bare)
  yield* inBase64Url(bare)
  yield* doubled(whole, bare)
  if (meant(secret)) return
  const skipped = 'characters that are not base64 were skipped by the other side'
  yield [text.forgivingBase64(bare), change('secret_damaged', skipped)]
}

function* withWhiteSpace(secret: string, forms: readonly string[]): Generator<Misreading> {
  if (secret !== secret.trim()) yield [secret, SPACE]
  for (const form of forms) {
    for (const end of ['\n', '\r\n', ' ']) {
      yield [form + end, SPACE]
      yield [end + form, SPACE]
    }
  }
}

/** Settings files leave quotes, `NAME=`, `Bearer` and escaped newlines around a secret. */
function* unwrapped(secret: string): Generator<Misreading> {
  const inner = secret
    .trim()
    .replace(/^(export\s+)?[A-Z][A-Z0-9_]*\s*=\s*/, '')
    .replace(/^(bearer|secret:?)\s+/i, '')
    .replace(/(\\[rn])+$/, '')
    .replace(/^["'`“”‘’<]+|["'`“”‘’>,;.]+$/g, '')
    .replace(/(\\[rn])+$/, '')
  if (inner === secret.trim()) return
  const wrapped = change('secret_wrapped', 'quotes, a name or escapes')
  yield [readable(inner), wrapped]
  yield [inner, wrapped, AS_TEXT]
  // Or the other side kept them.
  yield [secret, wrapped, AS_TEXT]
}

function* cutAtUnderscore(whole: string, bare: string): Generator<Misreading> {
  const cut = change('secret_prefix', 'the secret was cut at an underscore')
  for (const piece of [whole.split('_')[1], whole.split('_').at(-1), bare.split('_')[0]]) {
    if (piece === undefined || piece === bare || piece === whole) continue
    yield [text.forgivingBase64(piece), cut]
    yield [piece, cut, AS_TEXT]
  }
}

function* inBase64Url(bare: string): Generator<Misreading> {
  if (/[-_]/.test(bare)) {
    yield [text.plainBase64(bare), BASE64URL]
    yield [text.forgivingBase64(bare), BASE64URL]
    yield [text.forgivingBase64(bare.split(/[-_]/)[0] ?? ''), BASE64URL]
  }
  const url = bare.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
  const plain = url.replaceAll('-', '+').replaceAll('_', '/')
  for (const form of [url, plain, plain.padEnd(Math.ceil(plain.length / 4) * 4, '=')]) {
    yield [form, BASE64URL, AS_TEXT]
  }
}

function* doubled(whole: string, bare: string): Generator<Misreading> {
  const base64 = change('secret_double_encoded', 'base64 of the secret')
  const once = text.textOf(text.forgivingBase64(bare)) ?? ''
  if (text.isPrintable(once)) {
    yield [readable(once), base64]
    yield [once.trim(), base64]
  }
  for (const form of [bare, whole]) yield [btoa(text.binaryText(encodeUtf8(form))), base64]
  const decoded = text.percentDecoded(whole)
  if (decoded !== undefined) {
    yield [readable(decoded), change('secret_double_encoded', 'percent-encoded')]
  }
  if (whole.includes(' ')) {
    const key = readable(whole.replaceAll(' ', '+'))
    yield [key, change('secret_double_encoded', 'its "+" became a space')]
  }
}

/** Bytes that are a key, or that are the characters of a secret by mistake. */
function* ofBytes(secret: Uint8Array): Generator<Misreading> {
  const characters = text.textOf(secret) ?? ''
  if (!text.isPrintable(characters)) {
    // The other side's form of the key is unknown, so both prefixes are tried.
    for (const prefix of ['wh_', 'whsec_']) yield* ofText(prefix + btoa(text.binaryText(secret)))
    return
  }
  const detail = 'the bytes given are the characters of a secret'
  const taken = { ...AS_TEXT, detail }
  yield [readable(characters), taken]
  const trimmed = characters.trim()
  if (trimmed !== characters) yield [trimmed, change('secret_wrapped', 'white space')]
  for (const [key, ...changes] of ofText(characters)) yield [key, taken, ...changes]
}

function* ofEncoded({ value, encoding }: EncodedSecret): Generator<Misreading> {
  const trimmed = meant({ value: value.trim(), encoding })
  yield [trimmed?.bytes, change('secret_wrapped', 'white space')]
  for (const [other, read] of READ_AS) {
    if (other !== encoding) yield [meant({ value, encoding: other })?.bytes, read]
  }
  yield* ofText(value)
}
