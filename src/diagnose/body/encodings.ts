import { decodeBase64, decodeHex, encodeUtf8 } from '../../base/bytes.js'
import { type Captured, headerValue, SMALL } from '../capture.js'
import { binaryBytes, hexText } from '../text.js'
import type { Candidate } from '../variants.js'
import { deflated, inflated } from './compression.js'

/** The body is encoded as text on one side only. */
export function* otherEncodings(body: Uint8Array, binary: string): Generator<Candidate> {
  const solid = binary.replace(/^data:[^,]*,/, '').replace(/[\s"]+/g, '')
  if (solid !== '') {
    yield [decodeBase64(solid), 'body_encoded', 'base64; signed as what it decodes to']
    yield [decodeHex(solid), 'body_encoded', 'hexadecimal; signed as what it decodes to']
  }
  if (body.length <= SMALL) {
    const base64 = btoa(binary)
    const url = base64.replaceAll('+', '-').replaceAll('/', '_')
    yield [encodeUtf8(base64), 'body_encoded', 'decoded; signed as base64']
    yield [encodeUtf8(url), 'body_encoded', 'decoded; signed as base64url']
    yield [encodeUtf8(url.replace(/=+$/, '')), 'body_encoded', 'decoded; signed as base64url']
    yield [encodeUtf8(hexText(body)), 'body_encoded', 'decoded; signed as hexadecimal']
  }
  const detail = 'the chunk lengths of "Transfer-Encoding: chunked" are still in it'
  yield [dechunked(binary), 'body_encoded', detail]
}

const CHUNK = /([\da-f]{1,8})(?:;[^\r\n]*)?\r\n/iy

function dechunked(binary: string): Uint8Array | undefined {
  const chunks: string[] = []
  for (let at = 0; ; ) {
    CHUNK.lastIndex = at
    const [head, size] = CHUNK.exec(binary) ?? []
    if (head === undefined || size === undefined) return undefined
    const start = at + head.length
    at = start + Number.parseInt(size, 16) + 2
    if (at === start + 2) return binaryBytes(chunks.join(''))
    chunks.push(binary.slice(start, at - 2))
  }
}

/** The body is compressed on one side only. */
export async function otherCompression(
  captured: Captured,
  body: Uint8Array,
): Promise<readonly Candidate[]> {
  const found: Candidate[] = []
  for (const format of ['gzip', 'deflate'] as const) {
    const signed = await inflated(body, format)
    found.push([signed, 'body_compressed', `arrived as ${format}, signed before`])
    const named = headerValue(captured, 'content-encoding')?.includes(format)
    if (signed || (!named && body.length > SMALL)) continue
    const detail = `signed as ${format}, inflated on the way`
    found.push([await deflated(body, format), 'body_compressed', detail])
  }
  return found
}
