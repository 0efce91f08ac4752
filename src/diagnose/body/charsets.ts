import { encodeUtf8 } from '../../base/bytes.js'
import { platform } from '../../base/platform.js'
import { SMALL } from '../capture.js'
import * as text from '../text.js'
import type { Candidate } from '../variants.js'

const LOST = '\xef\xbf\xbd'
const CODE = 'body_charset'

/** The body was written in one character set and read in another. */
export function* otherCharsets(
  body: Uint8Array,
  binary: string,
  decoded: string | undefined,
): Generator<Candidate> {
  if (decoded === undefined) {
    const lossy = encodeUtf8(text.lossyText(body))
    yield [lossy, CODE, 'bytes that are not UTF-8; signed as text, after they had become U+FFFD']
  } else if (/[^\0-\x7f]/.test(decoded)) yield* fromLatin1(decoded)
  const detail = 'signed as UTF-8, arrived as Latin-1'
  if (body.some((byte) => byte > 127)) {
    yield [encodeUtf8(binary), CODE, detail]
    yield [encodeUtf8(text.fromWindows1252(body)), CODE, detail]
  }
  yield* utf16(body, decoded)
  for (const form of decoded === undefined ? [] : (['NFC', 'NFD'] as const)) {
    const normal = decoded?.normalize(form)
    if (normal !== decoded) yield [encodeUtf8(normal ?? ''), CODE, `normalised; signed as ${form}`]
  }
}

function* fromLatin1(decoded: string): Generator<Candidate> {
  const detail = 'signed as Latin-1, arrived as UTF-8'
  const once = text.binaryBytes(decoded)
  yield [text.toWindows1252(decoded), CODE, detail]
  yield [once, CODE, detail]
  const inner = text.textOf(once)
  if (inner === undefined) return
  yield [text.toWindows1252(inner), CODE, 'taken for Latin-1 twice']
  yield [text.binaryBytes(inner), CODE, 'taken for Latin-1 twice']
}

function* utf16(body: Uint8Array, decoded: string | undefined): Generator<Candidate> {
  if (body.length % 2 === 0 && body.includes(0)) {
    const swapped = body.map((_, i) => body[i ^ 1] ?? 0)
    for (const bytes of [body, swapped]) {
      const signed = new (platform('TextDecoder'))('utf-16le').decode(bytes)
      yield [encodeUtf8(signed), CODE, 'signed as UTF-8, arrived as UTF-16']
    }
  }
  if (decoded === undefined || body.length > SMALL) return
  const units = Array.from({ length: decoded.length }, (_, i) => decoded.charCodeAt(i))
  const bytes = units.flatMap((unit) => [unit & 0xff, unit >> 8])
  yield [Uint8Array.from(bytes), CODE, 'signed as UTF-16, arrived as UTF-8']
}

/** The byte that became U+FFFD is lost, but there are only 128 possible bytes. */
export function* lostBytes(binary: string): Generator<Candidate> {
  const parts = binary.length > SMALL ? [] : binary.split(LOST)
  const detail = 'a byte that is not UTF-8 became U+FFFD; it was found by trial'
  for (let byte = 128; parts.length > 1 && byte < 256; byte++) {
    yield [text.binaryBytes(parts.join(String.fromCharCode(byte))), CODE, detail]
  }
}
