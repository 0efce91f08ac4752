import fc from 'fast-check'
import { isWebhookError } from '../../src/base/errors.js'
import { parseHeaderNames, parseHeaders } from '../../src/delivery/headers.js'
import type { HeadersInput } from '../../src/delivery/types.js'

export const DEFAULT = parseHeaderNames(undefined)

export const GOOD = {
  'webhook-id': 'msg_1',
  'webhook-timestamp': '1700000000',
  'webhook-signature': 'v1,abc',
}

/** `read`, or the code of the refusal. */
export function codeOf(headers: unknown, names = DEFAULT): string {
  try {
    parseHeaders(headers as HeadersInput, names)
    return 'read'
  } catch (error) {
    if (!isWebhookError(error)) throw error
    return error.code
  }
}

/** Upper and lower case as the dice fall. */
export const inAnyCase = (name: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((upper) =>
      [...name].map((char, index) => (upper[index] ? char.toUpperCase() : char)).join(''),
    )
