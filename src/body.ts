import { encodeUtf8 } from './bytes.js'
import { WebhookError } from './errors.js'
import type { WebhookBody } from './types.js'

/** The bytes of a body, without a copy where they are bytes already. Shape decides, so bytes of another realm count too. */
export function bodyBytes(body: WebhookBody): Uint8Array {
  if (typeof body === 'string') return encodeUtf8(body)
  const bytes = viewBytes(body)
  if (bytes) return bytes
  if (Object.prototype.toString.call(body) === '[object ArrayBuffer]')
    return new Uint8Array(body as ArrayBuffer)
  throw bodyUnavailable(
    'a parsed body cannot be verified: verify before any parser runs, or have the parser keep the bytes that arrived (string, Uint8Array or ArrayBuffer)',
  )
}

/** The bytes behind a `Buffer`, `Uint8Array` or any other view. */
export function viewBytes(value: unknown): Uint8Array | undefined {
  if (!ArrayBuffer.isView(value)) return undefined
  // Not instanceof: a test runner's realm has a Uint8Array of its own.
  if (Object.prototype.toString.call(value) === '[object Uint8Array]') return value as Uint8Array
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
}

export function bodyUnavailable(message: string, cause?: unknown): WebhookError {
  return new WebhookError('body_unavailable', message, { cause })
}

export function bodyTooLarge(maxBytes: number): WebhookError {
  return new WebhookError('body_too_large', `the body has more than ${maxBytes} bytes`)
}
