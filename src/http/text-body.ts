import { encodeUtf8 } from '../base/bytes.js'
import { WebhookError } from '../base/errors.js'
import { readHeaders } from '../delivery/headers.js'
import type { HeadersInput } from '../delivery/types.js'

const OTHER_CHARSET = /charset\s*=(?!\s*"?utf-?8\b)/i
const REPLACEMENT = '\uFFFD'

const doubts = new WeakMap<object, WebhookError>()

/** What is known of a text that stands in place of the bytes. */
export interface TextOrigin {
  /** Those of the request: the length and the charset that were sent. */
  readonly headers: HeadersInput
  /** Was it certainly decoded as UTF-8? Then it counts without a Content-Length too. */
  readonly isUtf8?: boolean
}

/**
 * May this text be the bytes that arrived? The one rule for every framework: it is UTF-8, as long as Content-Length says.
 * `undefined` if not. Text with U+FFFD may be what the sender wrote or what a decoder replaced: only the signature can tell,
 * so a mismatch of these bytes means that they are gone ({@link doubtAbout}).
 */
export function textBytes(
  text: unknown,
  { headers, isUtf8 = false }: TextOrigin,
): Uint8Array | undefined {
  if (typeof text !== 'string') return undefined
  const [length, type = ''] = readHeaders(headers, ['content-length', 'content-type'])
  if (!isUtf8 && OTHER_CHARSET.test(type)) return undefined
  const bytes = encodeUtf8(text)
  const isReplaced = text.includes(REPLACEMENT)
  if (length === undefined ? !isUtf8 || isReplaced : bytes.length !== Number(length))
    return undefined
  if (isReplaced) {
    // Quiet: any sender can write U+FFFD.
    doubts.set(bytes, new WebhookError('body_unavailable', REPLACED, { quiet: true }))
  }
  return bytes
}

const REPLACED =
  'the body was decoded to text with U+FFFD in it, and does not match the signature: if bytes were replaced they are gone. Verify before the parser, or have the platform hand over bytes (base64 in events)'

/** The error in place of `signature_mismatch` for bytes that may not be those that arrived. */
export function doubtAbout(body: unknown): WebhookError | undefined {
  return doubts.get(Object(body))
}
