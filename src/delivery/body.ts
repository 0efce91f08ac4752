import { encodeUtf8 } from '../base/bytes.js'
import { WebhookError } from '../base/errors.js'
import type { WebhookBody } from './types.js'

/** The bytes of a body, without a copy where they are bytes already. */
export function bodyBytes(body: WebhookBody): Uint8Array {
  const bytes = typeof body === 'string' ? encodeUtf8(body) : viewBytes(body)
  if (bytes) return bytes
  throw bodyUnavailable('the body must be the bytes that arrived: verify before any parser')
}

/** The bytes behind any view or buffer. Shape decides, not the class: a test runner's realm has a `Uint8Array` of its own. */
export function viewBytes(value: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) {
    const isBytes = (value as Uint8Array).BYTES_PER_ELEMENT === 1
    return isBytes
      ? (value as Uint8Array)
      : new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  }
  const isBuffer = {}.toString.call(value) === '[object ArrayBuffer]'
  return isBuffer ? new Uint8Array(value as ArrayBuffer) : undefined
}

export function bodyUnavailable(message: string, cause?: unknown): WebhookError {
  return new WebhookError('body_unavailable', message, { cause })
}

/** Any sender can cut a delivery short, so nobody is warned about it. */
export function bodyBrokenOff(message: string, cause?: unknown): WebhookError {
  return new WebhookError('body_unavailable', message, { cause, quiet: true })
}

export function bodyTooLarge(maxBytes: number): WebhookError {
  return new WebhookError('body_too_large', `the body is over ${maxBytes} bytes`)
}
