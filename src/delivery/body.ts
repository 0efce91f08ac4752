import { encodeUtf8, viewBytes } from '../base/bytes.js'
import { refusal, type WebhookError } from '../base/errors.js'
import { found } from '../base/options.js'
import type { WebhookBody } from './types.js'

/** The bytes of a body. Bytes are not copied. */
export function bodyBytes(body: WebhookBody): Uint8Array {
  const bytes = typeof body === 'string' ? encodeUtf8(body) : viewBytes(body)
  if (bytes) return bytes
  throw bodyUnavailable(
    `the body must be the bytes that arrived, not ${found(body)}: verify before any parser`,
  )
}

export function bodyUnavailable(message: string, cause?: unknown): WebhookError {
  return refusal('body_unavailable', message, { cause })
}

const BROKEN_OFF =
  'the connection broke off before the whole body had arrived; the sender will try again'

/** Prints no warning, because any sender can cut a delivery short. */
export function bodyBrokenOff(cause?: unknown): WebhookError {
  return refusal('body_unavailable', BROKEN_OFF, { cause, quiet: true })
}

export function bodyTooLarge(maxBytes: number): WebhookError {
  return refusal('body_too_large', `the body has more bytes than maxBodyBytes allows (${maxBytes})`)
}
