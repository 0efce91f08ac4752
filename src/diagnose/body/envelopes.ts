import { decodeBase64, encodeUtf8 } from '../../base/bytes.js'
import { valuesIn } from '../text.js'
import type { Candidate } from '../variants.js'

const MAX_MEMBERS = 300
const MAX_SIBLINGS = 50
const TWICE = 'serialised once too often; signed as it is inside the string'
const BYTES_AS_JSON = 'bytes were serialised as JSON'

export function* otherWrapping(decoded: string, value: unknown): Generator<Candidate> {
  const once = typeof value === 'string' ? encodeUtf8(value) : undefined
  yield [once, 'body_reserialised', TWICE]
  yield [encodeUtf8(JSON.stringify(decoded)), 'body_reserialised', 'signed as a JSON string']
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

/** The members of an envelope that may be the body: text, its base64, a Buffer as JSON, an object. */
export function* membersOf(envelope: unknown): Generator<Candidate> {
  let left = MAX_MEMBERS
  for (const [path, member] of valuesIn(envelope, MAX_SIBLINGS)) {
    if (member === envelope) continue
    if (left-- <= 0) return
    const isText = typeof member === 'string'
    if (!isText && typeof member !== 'object') continue
    const detail = `signed is the member ${path}`
    yield [encodeUtf8(isText ? member : JSON.stringify(member)), 'body_wrapped', detail]
    yield [isText ? decodeBase64(member) : bytesIn(member), 'body_wrapped', detail]
  }
}
