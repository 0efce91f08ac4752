import { encodeUtf8, viewBytes } from '../base/bytes.js'
import { WebhookError } from '../base/errors.js'
import type { WebhookBody } from './types.js'

/** The bytes of a body. Bytes are not copied. */
export function bodyBytes(body: WebhookBody): Uint8Array {
  const bytes = typeof body === 'string' ? encodeUtf8(body) : viewBytes(body)
  if (bytes) return bytes
  throw bodyUnavailable('the body must be the bytes that arrived: verify before any parser')
}

export function bodyUnavailable(message: string, cause?: unknown): WebhookError {
  return new WebhookError('body_unavailable', message, { cause })
}

/** Prints no warning, because any sender can cut a delivery short. */
export function bodyBrokenOff(message: string, cause?: unknown): WebhookError {
  return new WebhookError('body_unavailable', message, { cause, quiet: true })
}

export function bodyTooLarge(maxBytes: number): WebhookError {
  return new WebhookError('body_too_large', `the body is over ${maxBytes} bytes`)
}
