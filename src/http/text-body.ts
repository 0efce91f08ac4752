import { encodeUtf8 } from '../base/bytes.js'
import { refusal, type WebhookError } from '../base/errors.js'
import { readHeaders } from '../delivery/read-headers.js'
import type { HeadersInput } from '../delivery/types.js'

const OTHER_CHARSET = /charset\s*=(?!\s*"?utf-?8\b)/i
const REPLACEMENT = '\uFFFD'

const doubts = new WeakMap<object, WebhookError>()

/** Facts about a text that replaces the bytes. */
export interface TextOrigin {
  /** The headers of the request, with the length and the charset. */
  readonly headers: HeadersInput
  /** `true` if the text was certainly decoded as UTF-8. Then it needs no Content-Length. */
  readonly isUtf8?: boolean
}

/**
 * The bytes of a text, if they can be the bytes that arrived: the charset is UTF-8 and the length equals Content-Length. The rule is the same for every framework.
 * Otherwise `undefined`. The sender or a decoder may have written U+FFFD, and only the signature shows which.
 * So if such bytes do not match, they count as gone ({@link doubtAbout}).
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
    // Prints no warning, because any sender can write U+FFFD.
    doubts.set(bytes, refusal('body_unavailable', REPLACED, { quiet: true }))
  }
  return bytes
}

const REPLACED =
  'the body was decoded to text with U+FFFD, so its bytes may be gone: verify before the parser, or have the platform send it as base64'

/** The error that replaces `signature_mismatch` if the bytes may differ from those that arrived. */
export function doubtAbout(body: unknown): WebhookError | undefined {
  return doubts.get(Object(body))
}
