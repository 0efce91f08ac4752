import { refusal } from '../base/errors.js'
import { readHeaders } from '../delivery/read-headers.js'
import type { HeadersInput } from '../delivery/types.js'

/** Values that senders write although the body is not encoded: names of charsets, names of media types, and empty values. */
const HARMLESS = [
  '',
  'identity',
  'none',
  'null',
  'undefined',
  'false',
  'binary',
  '7bit',
  '8bit',
  'plain',
  'text',
  'json',
  'text/plain',
  'application/json',
  'utf8',
  'utf-8',
  'charset=utf-8',
  'ascii',
  'us-ascii',
  'latin1',
  'iso-8859-1',
  'windows-1252',
  'utf-16',
  'amz-1.0',
]

const NAMES = ['content-encoding']

/** Longer values do not name a known encoding. */
const MAX_LENGTH = 200

/**
 * A compressed body is not the body that was signed once somebody has inflated it. Any encoding that is not known to be harmless
 * is refused with `body_encoding_unsupported`.
 */
export function assertNotCompressed(headers: HeadersInput): void {
  const [encoding] = readHeaders(headers, NAMES)
  if (encoding === undefined || isHarmless(encoding)) return
  throw refusal(
    'body_encoding_unsupported',
    'the body has a Content-Encoding: have it sent uncompressed, also by proxies',
  )
}

function isHarmless(encoding: string): boolean {
  if (encoding.length > MAX_LENGTH) return false
  return encoding.split(',').every((coding) => HARMLESS.includes(coding.trim().toLowerCase()))
}
