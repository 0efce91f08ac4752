import { platform } from './platform.js'

// Created with the first text, because an import must not need them.
let encoder: TextEncoder | undefined
let decoder: TextDecoder | undefined

// Whole groups of four, then two or three characters without stray bits; the padding is complete or absent.
const BASE64 = /^(?:[\w+/-]{4})*(?:[\w+/-][AQgw](?:==)?|[\w+/-]{2}[AEIMQUYcgkosw048]=?)?$/

export function encodeUtf8(text: string): Uint8Array {
  encoder ??= new (platform('TextEncoder'))()
  return encoder.encode(text)
}

/** The bytes behind any view or buffer. Checks the shape and not the class, because a test runner's realm has its own `Uint8Array`. */
export function viewBytes(value: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) {
    const isBytes = (value as Uint8Array).BYTES_PER_ELEMENT === 1
    return isBytes
      ? (value as Uint8Array)
      : new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  }
  // Most requests have no bytes yet, so this is checked first.
  const isBuffer = value && /^\[object (Shared)?ArrayBuffer\]$/.test({}.toString.call(value))
  return isBuffer ? new Uint8Array(value as ArrayBuffer) : undefined
}

/** Its `decode` throws a `TypeError` for bytes that are not UTF-8. Call this function outside the `try` that catches that error, because it throws if the runtime has no decoder. */
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
  // A loop, because many bytes as arguments of one call overflow the stack. It is also faster for a signature.
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** `undefined` for anything but pairs of hex digits. */
export function decodeHex(text: string): Uint8Array | undefined {
  if (!/^(?:[\da-f]{2})*$/i.test(text)) return undefined
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** Checks whether `other` continues with `text` from `start` on. Compares every character, also after the first difference. */
export function equalConstantTime(text: string, other: string, start = 0): boolean {
  let difference = text.length ^ (other.length - start)
  for (let i = 0; i < text.length; i++) {
    difference |= text.charCodeAt(i) ^ other.charCodeAt(i + start)
  }
  return difference === 0
}

export function concatBytes(start: Uint8Array, end: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(start.length + end.length)
  whole.set(start)
  whole.set(end, start.length)
  return whole
}
