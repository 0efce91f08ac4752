import { decodeHex, encodeUtf8 } from '../../base/bytes.js'
import { parseSecret, secretText } from '../../delivery/secrets.js'
import type { EncodedSecret, Secret } from '../../delivery/types.js'
import type { Change } from '../finding.js'
import {
  binaryText,
  forgivingBase64,
  lossyText,
  percentDecoded,
  plainBase64,
  textOf,
} from '../text.js'

type Add = (value: Uint8Array | undefined, ...changes: Change[]) => void

/** Key bytes as the verifier reads them, however few; `undefined` if it refuses them. */
export function meant(secret: Secret): ReturnType<typeof parseSecret> | undefined {
  try {
    return parseSecret(secret, 1)
  } catch {
    return undefined
  }
}

/** Key bytes of text as it is meant. */
export function readable(text: string): Uint8Array | undefined {
  const key = meant(text)
  return key?.scheme === 'v1' ? key.bytes : undefined
}

/** What somebody else makes of a secret: other key bytes for HMAC-SHA256. */
export function addMisreadings(secret: Secret, add: Add): void {
  if (typeof secret === 'string') addText(secret, add)
  else if (ArrayBuffer.isView(secret)) addBytes(secret as Uint8Array, add)
  else if (typeof secret?.value === 'string') addEncoded(secret, add)
}

export const AS_TEXT: Change = { code: 'secret_used_as_text' }

/** Somebody else's reading of the text. */
function addText(secret: string, add: Add): void {
  const text = secretText(secret)
  const bare = text.replace(/^wh(sec|sk|pk)?_/, '')
  const isPrefixed = text !== bare
  if (isPrefixed) add(encodeUtf8(text), { ...AS_TEXT, detail: 'its prefix left on' })
  add(encodeUtf8(bare), isPrefixed ? { ...AS_TEXT, detail: 'without its prefix' } : AS_TEXT)
  if (isPrefixed) addPrefixKept(text, add)
  const hex = { code: 'secret_encoding', detail: 'the other side reads it as hexadecimal' } as const
  add(decodeHex(bare), hex)
  add(decodeHex(text), hex)
  addKeyAsText(meant(secret)?.bytes ?? forgivingBase64(bare), add)
  addWhiteSpace(secret, [text, bare], add)
  addUnwrapped(secret, add)
  addUnderscore(text, bare, add)
  addBase64Url(bare, add)
  addDoubled(text, bare, add)
  if (meant(secret)) return
  const detail = 'characters that are not base64 were skipped by the other side'
  add(forgivingBase64(bare), { code: 'secret_damaged', detail })
}

function addPrefixKept(text: string, add: Add): void {
  const change = { code: 'secret_prefix', detail: 'the prefix was decoded with the rest' } as const
  for (const some of [text, text.replace(/=.*$/s, '')]) add(forgivingBase64(some), change)
  add(plainBase64(text), change)
}

/** The key, decoded rightly and then taken for text: atob(…), toString(), toString('hex'). */
function addKeyAsText(key: Uint8Array, add: Add): void {
  const change = { code: 'secret_decoded_to_text' } as const
  add(encodeUtf8(binaryText(key)), change)
  add(encodeUtf8(lossyText(key)), change)
  const hex = Array.from(key, (byte) => byte.toString(16).padStart(2, '0')).join('')
  add(encodeUtf8(hex), { code: 'secret_encoding', detail: 'the hexadecimal text of the key' })
}

function addWhiteSpace(secret: string, texts: readonly string[], add: Add): void {
  const change = { code: 'secret_wrapped', detail: 'white space or a newline' } as const
  if (secret !== secret.trim()) add(encodeUtf8(secret), change)
  for (const text of texts) {
    for (const end of ['\n', '\r\n', ' ']) {
      add(encodeUtf8(text + end), change)
      add(encodeUtf8(end + text), change)
    }
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
  const change = { code: 'secret_wrapped', detail: 'quotes, a name or escapes' } as const
  add(readable(inner), change)
  add(encodeUtf8(inner), change, AS_TEXT)
  // The other side may be the one that kept them.
  add(encodeUtf8(secret), change, AS_TEXT)
}

function addUnderscore(text: string, bare: string, add: Add): void {
  const change = { code: 'secret_prefix', detail: 'the secret was cut at an underscore' } as const
  const pieces = [text.split('_')[1], text.split('_').at(-1), bare.split('_')[0]]
  for (const piece of pieces) {
    if (piece === undefined || piece === bare || piece === text) continue
    add(forgivingBase64(piece), change)
    add(encodeUtf8(piece), change, AS_TEXT)
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
    add(encodeUtf8(text), change, AS_TEXT)
  }
}

function addDoubled(text: string, bare: string, add: Add): void {
  const change = { code: 'secret_double_encoded', detail: 'base64 of the secret' } as const
  const once = textOf(forgivingBase64(bare))
  if (once !== undefined && /^[!-~\s]+$/.test(once)) {
    add(readable(once), change)
    add(encodeUtf8(once.trim()), change)
  }
  for (const encoded of [bare, text]) add(encodeUtf8(btoa(binaryText(encodeUtf8(encoded)))), change)
  const url = { ...change, detail: 'percent-encoded' } as const
  const decoded = percentDecoded(text)
  if (decoded !== undefined) add(readable(decoded), url)
  if (text.includes(' ')) {
    add(readable(text.replaceAll(' ', '+')), { ...url, detail: 'its "+" became a space' })
  }
}

/** Bytes that are a key, or really the characters of a secret. */
function addBytes(secret: Uint8Array, add: Add): void {
  const text = textOf(secret)
  if (text === undefined || !/^[!-~\s]+$/.test(text)) {
    // How the key is written elsewhere is not known, so it is tried in both forms.
    for (const prefix of ['wh_', 'whsec_']) addText(prefix + btoa(binaryText(secret)), add)
    return
  }
  const change = { ...AS_TEXT, detail: 'the bytes given are the characters of a secret' }
  add(readable(text), change)
  const trimmed = text.trim()
  if (trimmed !== text) add(encodeUtf8(trimmed), { code: 'secret_wrapped', detail: 'white space' })
  addText(text, (bytes, ...changes) => add(bytes, change, ...changes))
}

const OTHERS = {
  base64: { code: 'secret_encoding', detail: 'the other side reads it as base64' },
  hex: { code: 'secret_encoding', detail: 'the other side reads it as hexadecimal' },
  utf8: AS_TEXT,
} as const

function addEncoded({ value, encoding }: EncodedSecret, add: Add): void {
  const trimmed = meant({ value: value.trim(), encoding })
  add(trimmed?.bytes, { code: 'secret_wrapped', detail: 'white space' })
  for (const other of ['base64', 'hex', 'utf8'] as const) {
    const key = other === encoding ? undefined : meant({ value, encoding: other })
    add(key?.bytes, OTHERS[other])
  }
  addText(value, add)
}
