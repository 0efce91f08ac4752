import { concatBytes } from '../base/bytes.js'
import { platform } from '../base/platform.js'

let strict: TextDecoder | undefined
let lossy: TextDecoder | undefined
const MAX_DEPTH = 100
// Where it differs from Latin-1, bytes 80 to 9f. Not by TextDecoder: Node 20 takes it for Latin-1.
const WINDOWS_1252 =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178'

/** The text of bytes that are UTF-8, its byte order mark included; `undefined` for others. */
export function textOf(bytes: Uint8Array): string | undefined {
  strict ??= new (platform('TextDecoder'))('utf-8', { fatal: true, ignoreBOM: true })
  return attempt(() => strict?.decode(bytes))
}

/** As `Buffer.toString()` decodes: what is not UTF-8 becomes U+FFFD. */
export function lossyText(bytes: Uint8Array): string {
  lossy ??= new (platform('TextDecoder'))('utf-8', { ignoreBOM: true })
  return lossy.decode(bytes)
}

export function joined(...pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return concatBytes(
    pieces,
    pieces.reduce((sum, { length }) => sum + length, 0),
  )
}

/** One character for each byte, so that bytes can be handled with the means for text. */
export function binaryText(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 8192) {
    text += String.fromCharCode(...bytes.subarray(i, i + 8192))
  }
  return text
}

/** Tells bytes apart (cyrb53: 53 bits of no cryptographic worth). */
export function fingerprint(bytes: Uint8Array): string {
  let [a, b] = [0xdeadbeef ^ bytes.length, 0x41c6ce57]
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 2654435761)
    b = Math.imul(b ^ byte, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return `${bytes.length}:${a >>> 0}:${b >>> 0}`
}

/** The way back; characters beyond one byte are cut as Node's `latin1` cuts them. */
export function binaryBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

export function fromWindows1252(bytes: Uint8Array): string {
  return binaryText(bytes).replace(
    /[\x80-\x9f]/g,
    (char) => WINDOWS_1252[char.charCodeAt(0) - 128] ?? char,
  )
}

/** `undefined` where a character is not in the set. */
export function toWindows1252(text: string): Uint8Array | undefined {
  const binary = text.replace(/[^\0-\x7f\xa0-\xff]/g, (char) => {
    const index = WINDOWS_1252.indexOf(char)
    return index < 0 ? char : String.fromCharCode(index + 128)
  })
  return /[^\0-\xff]/.test(binary) ? undefined : binaryBytes(binary)
}

/** What a decoder makes of base64 that skips what it does not know, as most do; both alphabets count. */
export function forgivingBase64(text: string): Uint8Array {
  const digits = text
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/[^A-Za-z0-9+/]/g, '')
  const whole = digits.length % 4 === 1 ? digits.slice(0, -1) : digits
  return binaryBytes(atob(whole))
}

export function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Is it ASCII that is written on one or several lines? Empty text is not. */
export function isPrintable(text: string): boolean {
  return /^[!-~\s]+$/.test(text)
}

/** The same for a decoder of the plain alphabet only: `-` and `_` are skipped too. */
export function plainBase64(text: string): Uint8Array {
  return forgivingBase64(text.replace(/[-_]/g, ''))
}

/** `undefined` for text that cannot be percent-decoded, or does not change. */
export function percentDecoded(text: string): string | undefined {
  const decoded = attempt(() => decodeURIComponent(text))
  return decoded === text ? undefined : decoded
}

/** `undefined` for what is no JSON, or nested so deep that no function that calls itself can walk it. */
export function parseJson(text: string | undefined): unknown {
  return text === undefined || isDeep(text) ? undefined : attempt(() => JSON.parse(text))
}

export function isJson(text: string): boolean {
  return attempt(() => JSON.parse(text) !== undefined) ?? false
}

/** `undefined` for what throws. */
export function attempt<T>(create: () => T): T | undefined {
  try {
    return create()
  } catch {
    return undefined
  }
}

function isDeep(text: string): boolean {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (char === '[' || char === '{') depth += 1
    else if (char === ']' || char === '}') depth -= 1
    if (depth > MAX_DEPTH) return true
  }
  return false
}

/** Without white space (or other characters) at its ends. Not by a pattern: those take for ever on long runs. */
export function trimmed(text: string, side?: 'start' | 'end', characters = ' \t\r\n'): string {
  let [start, end] = [0, text.length]
  if (side !== 'end') while (start < end && characters.includes(text.charAt(start))) start += 1
  if (side !== 'start') while (end > start && characters.includes(text.charAt(end - 1))) end -= 1
  return text.slice(start, end)
}
