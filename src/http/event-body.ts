import { bodyTooLarge, bodyUnavailable } from '../delivery/body.js'
import type { HeadersInput } from '../delivery/types.js'
import { textBytes } from './text-body.js'

/** The part of a serverless platform's event that holds the body. */
export interface EventBody {
  readonly body?: string | null | undefined
  readonly isBase64Encoded?: boolean | undefined
}

const PARSED =
  'the event holds a parsed body and the bytes are gone: verify before the middleware that parses it'

const REPLACED =
  'the event holds the body as text that is not the bytes that arrived: have the platform send it as base64 (API Gateway REST: binaryMediaTypes "*/*")'

/**
 * The bytes of a body that a platform passes inside an event, as base64 or as text. At most `maxBytes`.
 * Throws `body_too_large`, or `body_unavailable` if the platform replaced bytes that are not text.
 */
export function readEventBody(
  { body, isBase64Encoded }: EventBody,
  headers: HeadersInput,
  maxBytes: number,
): Uint8Array {
  const text: unknown = body ?? ''
  if (typeof text !== 'string') throw bodyUnavailable(PARSED)
  // The platform decoded it as UTF-8.
  const bytes = isBase64Encoded
    ? binaryBytes(toBinary(text))
    : textBytes(text, { headers, isUtf8: true })
  if (!bytes) throw bodyUnavailable(REPLACED)
  if (bytes.length > maxBytes) throw bodyTooLarge(maxBytes)
  return bytes
}

function toBinary(base64: string): string {
  try {
    return atob(base64)
  } catch (cause) {
    throw bodyUnavailable(
      'the event says that its body is base64, but it is not: verify before the middleware that changes the body',
      cause,
    )
  }
}

// A loop, because Uint8Array.from is many times slower and the body may have megabytes.
function binaryBytes(binary: string): Uint8Array {
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}
