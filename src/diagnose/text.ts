import { platform } from '../base/platform.js'

let strict: TextDecoder | undefined
let lossy: TextDecoder | undefined
const MAX_DEPTH = 100
// The bytes 80 to 9f, where it differs from Latin-1. TextDecoder does not help, because Node 20 decodes it as Latin-1.
const WINDOWS_1252 =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178'

/** The text of UTF-8 bytes, with its byte order mark. `undefined` if they are not UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  strict ??= new (platform('TextDecoder'))('utf-8', { fatal: true, ignoreBOM: true })
  return attempt(() => strict?.decode(bytes))
}

/** Decodes as `Buffer.toString()` does: bytes that are not UTF-8 become U+FFFD. */
export function lossyText(bytes: Uint8Array): string {
  lossy ??= new (platform('TextDecoder'))('utf-8', { ignoreBOM: true })
  return lossy.decode(bytes)
}

/** One character for each byte, so that string functions can work on bytes. */
export function binaryText(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 8192) {
    text += String.fromCharCode(...bytes.subarray(i, i + 8192))
  }
  return text
}

/** A hash that tells bytes apart (cyrb53, 53 bits). It is not cryptographic. */
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

/** The reverse of `binaryText`. Characters above U+00FF are cut to one byte, as Node's `latin1` does. */
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

/** `undefined` if a character is not in the set. */
export function toWindows1252(text: string): Uint8Array | undefined {
  const binary = text.replace(/[^\0-\x7f\xa0-\xff]/g, (char) => {
    const index = WINDOWS_1252.indexOf(char)
    return index < 0 ? char : String.fromCharCode(index + 128)
  })
  return /[^\0-\xff]/.test(binary) ? undefined : binaryBytes(binary)
}

/** Decodes base64 as most decoders do: skips unknown characters and takes both alphabets. */
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

/** Checks for ASCII text on one or several lines. Empty text does not count. */
export function isPrintable(text: string): boolean {
  return /^[!-~\s]+$/.test(text)
}

/** Decodes as decoders do that know only the plain alphabet: skips `-` and `_` too. */
export function plainBase64(text: string): Uint8Array {
  return forgivingBase64(text.replace(/[-_]/g, ''))
}

/** `undefined` if the text cannot be percent-decoded or stays the same. */
export function percentDecoded(text: string): string | undefined {
  const decoded = attempt(() => decodeURIComponent(text))
  return decoded === text ? undefined : decoded
}

/** `undefined` if the text is not JSON, or is nested too deep for recursive functions. */
export function parseJson(text: string | undefined): unknown {
  return text === undefined || isDeep(text) ? undefined : attempt(() => JSON.parse(text))
}

/** A JSON value and its members, up to four levels deep. Each comes before its own members. */
export function* valuesIn(
  value: unknown,
  maxSiblings?: number,
  path: readonly string[] = [],
): Generator<readonly [path: string, value: unknown]> {
  yield [path.join('.'), value]
  if (typeof value !== 'object' || value === null || path.length > 3) return
  for (const [name, member] of Object.entries(value).slice(0, maxSiblings)) {
    yield* valuesIn(member, maxSiblings, [...path, name])
  }
}

export function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, '')
}

export function isJson(text: string): boolean {
  return attempt(() => JSON.parse(text) !== undefined) ?? false
}

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

/** Removes white space (or other characters) at the ends. Not a regular expression, because that takes quadratic time on long runs. */
export function trimmed(text: string, side?: 'start' | 'end', characters = ' \t\r\n'): string {
  let [start, end] = [0, text.length]
  if (side !== 'end') while (start < end && characters.includes(text.charAt(start))) start += 1
  if (side !== 'start') while (end > start && characters.includes(text.charAt(end - 1))) end -= 1
  return text.slice(start, end)
}
