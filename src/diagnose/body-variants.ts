import { decodeBase64, decodeHex, encodeBase64, encodeUtf8 } from '../bytes.js'
import { deflated, inflated } from './compression.js'
import { type Captured, headerValue } from './delivery.js'
import { type Change, createVariants, type Variants } from './finding.js'
import { jsonStyles } from './json-styles.js'
import * as text from './text.js'

type Add = (value: Uint8Array | undefined, ...changes: Change[]) => void

const LARGE = 256 * 1024
const SMALL = 16 * 1024
const MAX_PAIRS = 1500
const BOM = '\xef\xbb\xbf'
const LOST = '\xef\xbf\xbd'
// What a second change is looked for behind.
const OPENERS = /^body_(base64|hex|compressed|wrapped|json_string|url|html|bom|line|chunked|parsed)/

/** What may have been signed, given what arrived: the body itself first, then one change each. */
export async function bodyVariants(captured: Captured): Promise<Variants<Uint8Array>> {
  const variants = createVariants(text.fingerprint)
  if (captured.parsed) {
    variants.add(captured.body, { code: 'body_parsed' })
    addParsed(captured.body, variants.add)
  } else variants.add(captured.body)
  await addChanged(captured, captured.body, variants.add)
  return variants
}

/** Adds a second change behind those that open a body up, as long as it is small. */
export async function addBodyPairs(
  captured: Captured,
  variants: Variants<Uint8Array>,
): Promise<void> {
  if (captured.body.length > SMALL) return
  const opened = variants.list.filter(
    ({ value, changes }) => value.length <= SMALL && OPENERS.test(changes[0]?.code ?? ''),
  )
  for (const { value, changes } of opened) {
    if (variants.list.length > MAX_PAIRS) return
    await addChanged(captured, value, (next, ...more) => variants.add(next, ...changes, ...more))
  }
}

/** A parsed body: every way it may have been written is the one cause that it was parsed. */
function addParsed(body: Uint8Array, add: Add): void {
  for (const { text: styled } of jsonStyles(text.textOf(body) ?? '')) {
    add(encodeUtf8(styled), { code: 'body_parsed' })
    add(encodeUtf8(`${styled}\n`), { code: 'body_parsed' })
  }
}

/** One change each, from the likely to the odd. */
async function addChanged(captured: Captured, body: Uint8Array, add: Add): Promise<void> {
  const binary = text.binaryText(body)
  addEnds(binary, add)
  addLines(binary, add)
  const decoded = text.textOf(body)
  if (decoded !== undefined && body.length <= LARGE) addText(decoded, add)
  addCharsets(body, decoded, add)
  addEncodings(body, binary, add)
  await addCompressed(captured, body, add)
  add(new Uint8Array(0), { code: 'body_empty', detail: 'signed without a body' })
}

function addEnds(binary: string, add: Add): void {
  const put = (value: string, detail: string): void =>
    add(text.binaryBytes(value), { code: 'body_whitespace', detail })
  put(`${binary}\n`, 'signed with a newline at the end')
  put(binary.replace(/\r?\n$/, ''), 'signed without the newline at the end')
  put(`${binary}\r\n`, 'signed with CRLF at the end')
  put(binary.replace(/[ \t\r\n]+$/, ''), 'signed without the white space at the end')
  put(binary.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''), 'signed without the white space around it')
  put(binary.replace(/^[ \t\r\n]+/, ''), 'signed without the white space at the start')
  put(`${binary} `, 'signed with a space at the end')
  put(`${binary}\n\n`, 'signed with two newlines at the end')
  put(`${binary}\r`, 'signed with CR at the end')
  put(`\n${binary}`, 'signed with a newline at the start')
  put(` ${binary}`, 'signed with a space at the start')
}

function addLines(binary: string, add: Add): void {
  const put = (value: string, code: Change['code'], detail: string): void =>
    add(text.binaryBytes(value), { code, detail })
  const lf = binary.replace(/\r\n?/g, '\n')
  put(binary.replaceAll('\r\n', '\n'), 'body_line_endings', 'signed with LF, arrived with CRLF')
  put(lf.replaceAll('\n', '\r\n'), 'body_line_endings', 'signed with CRLF, arrived with LF')
  put(lf, 'body_line_endings', 'signed with LF')
  put(lf.replaceAll('\n', '\r'), 'body_line_endings', 'signed with CR')
  put(lf.replaceAll('\n', ''), 'body_line_endings', 'signed without line breaks')
  if (binary.startsWith(BOM)) put(binary.slice(3), 'body_bom', 'signed without it')
  else put(BOM + binary, 'body_bom', 'signed with it')
}

function addText(decoded: string, add: Add): void {
  const bare = decoded.replace(/^\ufeff/, '')
  for (const { text: styled, change } of jsonStyles(bare)) add(encodeUtf8(styled), change)
  const value = text.parseJson(bare)
  if (typeof value === 'string') add(encodeUtf8(value), { code: 'body_json_string' })
  add(encodeUtf8(JSON.stringify(decoded)), { code: 'body_json_string', detail: 'signed as string' })
  addMembers(value, '', add)
  for (const form of ['NFC', 'NFD'] as const) {
    add(encodeUtf8(decoded.normalize(form)), {
      code: 'body_normalised',
      detail: `signed as ${form}`,
    })
  }
  addUrlAndHtml(decoded, add)
}

/** Members of an envelope that can be the body: text, base64 of it, a Buffer as JSON, an object. */
function addMembers(value: unknown, path: string, add: Add): void {
  if (typeof value !== 'object' || value === null || path.split('.').length > 4) return
  const { type, data } = value as { type?: unknown; data?: unknown }
  if (type === 'Buffer' && Array.isArray(data)) {
    add(Uint8Array.from(data), { code: 'body_parsed', detail: 'a Buffer was serialised as JSON' })
  }
  for (const [name, member] of Object.entries(value).slice(0, 50)) {
    const change = { code: 'body_wrapped', detail: `signed is the member ${path}${name}` } as const
    if (typeof member === 'string') {
      add(encodeUtf8(member), change)
      add(decodeBase64(member), change)
    } else if (typeof member === 'object') {
      add(encodeUtf8(JSON.stringify(member)), change)
      addMembers(member, `${path}${name}.`, add)
    }
  }
}

function addUrlAndHtml(decoded: string, add: Add): void {
  const put = (value: string | undefined, code: Change['code'], detail: string): void =>
    add(value === undefined ? undefined : encodeUtf8(value), { code, detail })
  const spaced = decoded.replaceAll('+', ' ')
  put(text.percentDecoded(decoded), 'body_url_encoded', 'signed as plain text')
  put(text.percentDecoded(spaced), 'body_url_encoded', 'signed as plain text')
  put(
    text.percentDecoded(spaced.replace(/^[^=&]*=/, '')),
    'body_url_encoded',
    'signed as the field',
  )
  put(encodeURIComponent(decoded), 'body_url_encoded', 'signed percent-encoded')
  put(htmlDecoded(decoded), 'body_html_escaped', 'signed unescaped')
  const escaped = decoded.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  put(escaped.replaceAll('"', '&quot;'), 'body_html_escaped', 'signed escaped')
}

function htmlDecoded(escaped: string): string {
  const names: Record<string, string> = { quot: '"', apos: "'", lt: '<', gt: '>', amp: '&' }
  return escaped
    .replace(/&#(x[\da-f]{1,5}|\d{1,6});/gi, (_, code: string) =>
      String.fromCodePoint(Number(code.startsWith('x') ? `0${code}` : code)),
    )
    .replace(/&(quot|apos|lt|gt|amp);/g, (_, name: string) => names[name] ?? '')
}

function addCharsets(body: Uint8Array, decoded: string | undefined, add: Add): void {
  const binary = text.binaryText(body)
  if (decoded === undefined) {
    const lossy = encodeUtf8(text.lossyText(body))
    add(lossy, { code: 'body_decoded_with_loss', detail: 'signed as text, after the loss' })
  } else if (/[^\0-\x7f]/.test(decoded)) {
    const detail = 'signed as Latin-1, arrived as UTF-8'
    if (!/[^\0-\xff]/.test(decoded)) add(text.binaryBytes(decoded), { code: 'body_latin1', detail })
    add(text.toWindows1252(decoded), { code: 'body_latin1', detail })
    add(text.binaryBytes(decoded), { code: 'body_latin1', detail })
  }
  const detail = 'signed as UTF-8, arrived as Latin-1'
  add(encodeUtf8(binary), { code: 'body_latin1', detail })
  add(encodeUtf8(text.fromWindows1252(body)), { code: 'body_latin1', detail })
  addUtf16(body, decoded, add)
  addLost(binary, add)
}

function addUtf16(body: Uint8Array, decoded: string | undefined, add: Add): void {
  if (body.length % 2 === 0 && body.includes(0)) {
    const signed = new TextDecoder('utf-16le').decode(body)
    add(encodeUtf8(signed), { code: 'body_utf16', detail: 'signed as UTF-8' })
  }
  if (decoded === undefined || body.length > SMALL) return
  const units = Array.from({ length: decoded.length }, (_, i) => decoded.charCodeAt(i))
  const bytes = units.flatMap((unit) => [unit & 0xff, unit >> 8])
  add(Uint8Array.from(bytes), { code: 'body_utf16', detail: 'signed as UTF-16' })
}

// The byte that became U+FFFD is gone, but there are only 128 it can have been.
function addLost(binary: string, add: Add): void {
  const parts = binary.split(LOST)
  if (parts.length === 1 || binary.length > SMALL) return
  const change = {
    code: 'body_decoded_with_loss',
    detail: 'the lost byte was found by trial',
  } as const
  for (let byte = 128; byte < 256; byte++) {
    add(text.binaryBytes(parts.join(String.fromCharCode(byte))), change)
  }
}

function addEncodings(body: Uint8Array, binary: string, add: Add): void {
  const put = (value: Uint8Array | undefined, code: Change['code'], detail: string): void =>
    add(value, { code, detail })
  const solid = binary.replace(/^data:[^,]*,/, '').replace(/[\s"]+/g, '')
  if (solid !== '') {
    put(decodeBase64(solid), 'body_base64', 'signed as what it decodes to')
    put(decodeHex(solid), 'body_hex', 'signed as what it decodes to')
  }
  if (body.length <= SMALL) {
    put(encodeUtf8(encodeBase64(body)), 'body_base64', 'signed as base64')
    const hex = Array.from(body, (byte) => byte.toString(16).padStart(2, '0')).join('')
    put(encodeUtf8(hex), 'body_hex', 'signed as hexadecimal')
  }
  put(dechunked(binary), 'body_chunked', 'signed without them')
}

function dechunked(binary: string): Uint8Array | undefined {
  let rest = binary
  let body = ''
  for (;;) {
    const [head, size] = /^([\da-f]{1,8})(?:;[^\r\n]*)?\r\n/i.exec(rest) ?? []
    if (head === undefined || size === undefined) return undefined
    const length = Number.parseInt(size, 16)
    if (length === 0) return text.binaryBytes(body)
    body += rest.slice(head.length, head.length + length)
    rest = rest.slice(head.length + length + 2)
  }
}

async function addCompressed(captured: Captured, body: Uint8Array, add: Add): Promise<void> {
  for (const format of ['gzip', 'deflate'] as const) {
    const signed = await inflated(body, format)
    add(signed, { code: 'body_compressed', detail: `arrived as ${format}, signed before` })
    const named = headerValue(captured, 'content-encoding')?.includes(format)
    if (signed || (!named && body.length > LARGE)) continue
    const detail = `signed as ${format}, inflated on the way`
    add(await deflated(body, format), { code: 'body_compressed', detail })
  }
}
