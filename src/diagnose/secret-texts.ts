import { decodeHex, encodeUtf8 } from '../base/bytes.js'
import { parseSecret, secretText } from '../delivery/secrets.js'
import type { EncodedSecret, Secret } from '../delivery/types.js'
import type { Change } from './finding.js'
import {
  binaryText,
  forgivingBase64,
  lossyText,
  percentDecoded,
  plainBase64,
  textOf,
} from './text.js'

type Add = (value: Uint8Array | undefined, ...changes: Change[]) => void

/** Key bytes as the verifier reads them, however few; `undefined` where it refuses them. */
export function meant(secret: Secret): ReturnType<typeof parseSecret> | undefined {
  try {
    return parseSecret(secret, 1)
  } catch {
    return undefined
  }
}

/** What somebody else makes of a secret: other key bytes for HMAC-SHA256. */
export function addMisread(secret: Secret, add: Add): void {
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
  if (prefixed) addPrefixKept(text, add)
  add(decodeHex(bare), { code: 'secret_hex' })
  if (prefixed) add(decodeHex(text), { code: 'secret_hex' })
  addKeyAsText(meant(secret)?.bytes ?? forgivingBase64(bare), add)
  addWhiteSpace(secret, [text, bare], add)
  addUnwrapped(secret, add)
  addUnderscore(text, bare, add)
  addBase64Url(bare, add)
  addDoubled(text, bare, add)
  const decoded = percentDecoded(text)
  if (decoded !== undefined) add(readable(decoded), { code: 'secret_url_encoded' })
  if (text.includes(' ')) add(readable(text.replaceAll(' ', '+')), { code: 'secret_url_encoded' })
  if (meant(secret) === undefined) add(forgivingBase64(bare), { code: 'secret_stray_characters' })
}

export function asText(detail: string | undefined): Change {
  return { code: 'secret_used_as_text', ...(detail !== undefined && { detail }) }
}

/** Key bytes of text as it is meant. */
export function readable(text: string): Uint8Array | undefined {
  const key = meant(text)
  return key?.scheme === 'v1' ? key.bytes : undefined
}

/** The key, decoded rightly and then taken for text: atob(…), toString(), toString('hex'). */
function addKeyAsText(key: Uint8Array, add: Add): void {
  const change = { code: 'secret_decoded_to_text' } as const
  add(encodeUtf8(binaryText(key)), change)
  add(encodeUtf8(lossyText(key)), change)
  const hex = Array.from(key, (byte) => byte.toString(16).padStart(2, '0')).join('')
  add(encodeUtf8(hex), { code: 'secret_hex', detail: 'the hexadecimal text of the key' })
}

function addWhiteSpace(secret: string, texts: readonly string[], add: Add): void {
  const change = { code: 'secret_whitespace' } as const
  if (secret !== secret.trim()) add(encodeUtf8(secret), change)
  for (const text of texts) {
    for (const end of ['\n', '\r\n', ' ']) {
      add(encodeUtf8(text + end), change)
      add(encodeUtf8(end + text), change)
    }
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

function addDoubled(text: string, bare: string, add: Add): void {
  const change = { code: 'secret_double_encoded' } as const
  const once = textOf(forgivingBase64(bare))
  if (once !== undefined && /^[!-~\s]+$/.test(once)) {
    add(readable(once), change)
    add(encodeUtf8(once.trim()), change)
  }
  for (const encoded of [bare, text]) add(encodeUtf8(btoa(binaryText(encodeUtf8(encoded)))), change)
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
