import { decodeBase64, encodeUtf8 } from '../../base/bytes.js'
import { parseJson } from '../text.js'
import type { Candidate } from '../variants.js'

const MAX_MEMBERS = 300
const BYTES_AS_JSON = 'bytes were serialised as JSON'

/** Text in one JSON string too many, and bytes as JSON. */
export function* otherWrapping(decoded: string, value: unknown): Generator<Candidate> {
  if (typeof value === 'string') {
    yield [
      encodeUtf8(value),
      'body_reserialised',
      'serialised once too often; signed as it is inside the string',
    ]
  }
  const string = encodeUtf8(JSON.stringify(decoded))
  yield [string, 'body_reserialised', 'signed as a JSON string']
  yield [bytesIn(value), 'body_parsed', BYTES_AS_JSON]
}

/** `{"type":"Buffer","data":[…]}`, and a `Uint8Array` as `{"0":…}`. */
function bytesIn(value: unknown): Uint8Array | undefined {
  const { type, data } = Object(value) as { type?: unknown; data?: unknown }
  const isBuffer = type === 'Buffer' && Array.isArray(data)
  const isArray = !isBuffer && Object.hasOwn(Object(value), '0') && typeof value === 'object'
  const bytes: unknown[] = isBuffer ? data : isArray ? Object.values(Object(value)) : []
  if (bytes.length === 0 || bytes.some((byte) => typeof byte !== 'number')) return undefined
  return Uint8Array.from(bytes as number[])
}

/** Members of an envelope that can be the body: text, base64 of it, a Buffer as JSON, an object. */
export function* membersOf(
  value: unknown,
  path: readonly string[] = [],
  budget = { left: MAX_MEMBERS },
): Generator<Candidate> {
  if (typeof value !== 'object' || value === null || path.length > 3) return
  for (const [name, member] of Object.entries(value).slice(0, 50)) {
    if (budget.left-- <= 0) return
    const inner = [...path, name]
    const detail = `signed is the member ${inner.join('.')}`
    if (typeof member === 'string') {
      yield [encodeUtf8(member), 'body_wrapped', detail]
      yield [decodeBase64(member), 'body_wrapped', detail]
    } else if (typeof member === 'object') {
      yield [encodeUtf8(JSON.stringify(member)), 'body_wrapped', detail]
      yield [bytesIn(member), 'body_wrapped', detail]
      yield* membersOf(member, inner, budget)
    }
  }
}

/** The value of a JSON body, without a byte order mark. */
export function jsonIn(decoded: string): unknown {
  return parseJson(withoutMark(decoded))
}

export function withoutMark(decoded: string): string {
  return decoded.replace(/^\ufeff/, '')
}
