import { decodeBase64, decodeHex, encodeUtf8 } from '../base/bytes.js'
import { deflated, inflated } from './compression.js'
import { type Captured, headerValue, SMALL } from './delivery.js'
import type { AddBody, Change } from './finding.js'
import * as text from './text.js'

const LOST = '\xef\xbf\xbd'

/** Character sets, mixed up. */
export function addCharsets(body: Uint8Array, decoded: string | undefined, add: AddBody): void {
  const binary = text.binaryText(body)
  if (decoded === undefined) {
    const lossy = encodeUtf8(text.lossyText(body))
    add(lossy, { code: 'body_decoded_with_loss', detail: 'signed as text, after the loss' })
  } else if (/[^\0-\x7f]/.test(decoded)) {
    addFromLatin1(decoded, add)
  }
  const detail = 'signed as UTF-8, arrived as Latin-1'
  add(encodeUtf8(binary), { code: 'body_latin1', detail })
  add(encodeUtf8(text.fromWindows1252(body)), { code: 'body_latin1', detail })
  addUtf16(body, decoded, add)
}

function addFromLatin1(decoded: string, add: AddBody): void {
  const change = { code: 'body_latin1', detail: 'signed as Latin-1, arrived as UTF-8' } as const
  const once = text.binaryBytes(decoded)
  add(text.toWindows1252(decoded), change)
  add(once, change)
  const inner = text.textOf(once)
  if (inner === undefined) return
  const twice = { code: 'body_latin1', detail: 'taken for Latin-1 twice' } as const
  add(text.toWindows1252(inner), twice)
  add(text.binaryBytes(inner), twice)
}

function addUtf16(body: Uint8Array, decoded: string | undefined, add: AddBody): void {
  if (body.length % 2 === 0 && body.includes(0)) {
    const detail = 'signed as UTF-8'
    const swapped = body.map((_, i) => body[i ^ 1] ?? 0)
    for (const bytes of [body, swapped]) {
      const signed = new TextDecoder('utf-16le').decode(bytes)
      add(encodeUtf8(signed), { code: 'body_utf16', detail })
    }
  }
  if (decoded === undefined || body.length > SMALL) return
  const units = Array.from({ length: decoded.length }, (_, i) => decoded.charCodeAt(i))
  const bytes = units.flatMap((unit) => [unit & 0xff, unit >> 8])
  add(Uint8Array.from(bytes), { code: 'body_utf16', detail: 'signed as UTF-16' })
}

/** The byte that became U+FFFD is gone, but there are only 128 it can have been. */
export function addLost(binary: string, add: AddBody): void {
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

/** Bytes written as text, or text taken for such. */
export function addEncodings(body: Uint8Array, binary: string, add: AddBody): void {
  const put = (value: Uint8Array | undefined, code: Change['code'], detail: string): void =>
    add(value, { code, detail })
  const solid = binary.replace(/^data:[^,]*,/, '').replace(/[\s"]+/g, '')
  if (solid !== '') {
    put(decodeBase64(solid), 'body_base64', 'signed as what it decodes to')
    put(decodeHex(solid), 'body_hex', 'signed as what it decodes to')
  }
  if (body.length <= SMALL) {
    const base64 = btoa(binary)
    put(encodeUtf8(base64), 'body_base64', 'signed as base64')
    const url = base64.replaceAll('+', '-').replaceAll('/', '_')
    put(encodeUtf8(url), 'body_base64', 'signed as base64url')
    put(encodeUtf8(url.replace(/=+$/, '')), 'body_base64', 'signed as base64url')
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

/** Compressed on one side. */
export async function addCompressed(
  captured: Captured,
  body: Uint8Array,
  add: AddBody,
): Promise<void> {
  for (const format of ['gzip', 'deflate'] as const) {
    const signed = await inflated(body, format)
    add(signed, { code: 'body_compressed', detail: `arrived as ${format}, signed before` })
    const named = headerValue(captured, 'content-encoding')?.includes(format)
    if (signed || (!named && body.length > SMALL)) continue
    const detail = `signed as ${format}, inflated on the way`
    add(await deflated(body, format), { code: 'body_compressed', detail })
  }
}
