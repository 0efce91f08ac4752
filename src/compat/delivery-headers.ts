import { isWebhookError } from '../base/errors.js'
import { type DeliveryHeaders, parseHeaderNames, parseHeaders } from '../delivery/headers.js'
import { readHeaders } from '../delivery/read-headers.js'
import type { HeadersInput } from '../delivery/types.js'
import { WebhookVerificationError } from './webhook-verification-error.js'

const NAMES = parseHeaderNames(undefined)

/** The three headers, with the errors of the originals. */
export function deliveryHeaders(headers: HeadersInput): DeliveryHeaders {
  const given = withText(headers)
  try {
    const found = parseHeaders(given, NAMES)
    if (found.signature !== '') return found
  } catch (error) {
    if (!isWebhookError(error)) throw error
    const empty = NAMES.some((names) => readHeaders(given, names).includes(''))
    if (error.code === 'header_malformed' && !empty) {
      throw new WebhookVerificationError('Invalid Signature Headers')
    }
  }
  throw missing()
}

function missing(): WebhookVerificationError {
  return new WebhookVerificationError('Missing required headers')
}

/** The originals accept a number as the timestamp in a plain record. */
function withText(headers: HeadersInput): HeadersInput {
  if (typeof headers !== 'object' || headers === null) throw missing()
  if (Symbol.iterator in headers || 'get' in headers) return headers
  const texts = Object.entries(headers).map(([name, value]) => [
    name,
    typeof value === 'number' ? String(value) : value,
  ])
  return Object.fromEntries(texts)
}
