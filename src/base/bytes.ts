import { platform } from './platform.js'

// Made with the first text: an import needs neither.
let encoder: TextEncoder | undefined
let decoder: TextDecoder | undefined

// Whole quads, then two or three characters whose last one carries no stray bits; padding complete or absent.
const BASE64 = /^(?:[\w+/-]{4})*(?:[\w+/-][AQgw](?:==)?|[\w+/-]{2}[AEIMQUYcgkosw048]=?)?$/

export function encodeUtf8(text: string): Uint8Array {
  encoder ??= new (platform('TextEncoder'))()
  return encoder.encode(text)
}

/** The bytes behind any view or buffer. Shape decides, not the class: a test runner's realm has a `Uint8Array` of its own. */
export function viewBytes(value: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) {
    const isBytes = (value as Uint8Array).BYTES_PER_ELEMENT === 1
    return isBytes
      ? (value as Uint8Array)
      : new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  }
  const isBuffer = /^\[object (Shared)?ArrayBuffer\]$/.test({}.toString.call(value))
  return isBuffer ? new Uint8Array(value as ArrayBuffer) : undefined
}

/** Its `decode` throws a `TypeError` for bytes that are not UTF-8. Ask for it outside of what catches that: the runtime may have none. */
export function utf8Decoder(): TextDecoder {
  decoder ??= new (platform('TextDecoder'))('utf-8', { fatal: true })
  return decoder
}

/** Throws a `TypeError` for bytes that are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  return utf8Decoder().decode(bytes)
}

/** base64 or base64url (not a mixture), padded or not; `undefined` for anything that is not cleanly one of them. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (!BASE64.test(text) || (/[+/]/.test(text) && /[-_]/.test(text))) return undefined
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (char) => char.charCodeAt(0))
}

export function encodeBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}

/** `undefined` for anything but pairs of hex digits. */
export function decodeHex(text: string): Uint8Array | undefined {
  if (!/^(?:[\da-f]{2})*$/i.test(text)) return undefined
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** Is `text` what stands in `other` from `start` on? Compares every character whatever the first difference is. */
export function equalConstantTime(text: string, other: string, start = 0): boolean {
  let difference = text.length ^ (other.length - start)
  for (let i = 0; i < text.length; i++) {
    difference |= text.charCodeAt(i) ^ other.charCodeAt(i + start)
  }
  return difference === 0
}

export function concatBytes(
  chunks: readonly Uint8Array[],
  length: number,
): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.length
  }
  return whole
}
