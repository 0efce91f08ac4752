import { type Captured, SMALL } from '../capture.js'
import { binaryText, fingerprint, textOf } from '../text.js'
import { type Change, createVariants, type Variant } from '../variants.js'
import { lostBytes, otherCharsets } from './charsets.js'
import { type Candidate, otherEscaping, otherWhiteSpace, withByteOrderMark } from './edits.js'
import { otherCompression, otherEncodings } from './encodings.js'
import { jsonIn, membersOf, otherWrapping, withoutMark } from './envelopes.js'
import { jsonStyles } from './json-styles.js'

/** Above this a text is not taken apart at all. */
const LARGE = 1536 * 1024
const MAX_PAIRS = 1500
// What a second change is looked for behind, by code and detail.
const OPENER = /^body_(encoded|compressed|wrapped|parsed)|arrived with|order mark|once too often/
const RESTYLED = /^body_reserialised/

/** The body as it arrived, or what is left of it. */
export function unchangedBody({ body, parsed }: Captured): Variant<Uint8Array> {
  return { value: body, changes: parsed ? [{ code: 'body_parsed' }] : [] }
}

/** What may have been signed, one change each; made when it is asked for, as a body can be large and the first may be right. */
export async function changedBodies(
  captured: Captured,
  body: Uint8Array = captured.body,
): Promise<Iterable<Variant<Uint8Array>>> {
  const compressed = await otherCompression(captured, body)
  return variantsOf(captured, body, compressed)
}

function* variantsOf(
  captured: Captured,
  body: Uint8Array,
  compressed: readonly Candidate[],
): Generator<Variant<Uint8Array>> {
  for (const candidate of candidates(captured, body)) yield* variantOf(candidate)
  for (const candidate of compressed) yield* variantOf(candidate)
}

function variantOf([value, code, detail]: Candidate): Variant<Uint8Array>[] {
  return value ? [{ value, changes: [{ code, ...(detail !== undefined && { detail }) }] }] : []
}

/** From the likely to the odd. */
function* candidates({ body: arrived, parsed }: Captured, body: Uint8Array): Generator<Candidate> {
  const decoded = textOf(body)
  const binary = binaryText(body)
  const text = body.length <= LARGE ? decoded : undefined
  const isParsed = parsed && body === arrived
  // Every way in which a parsed body may have been written is the one cause that it was parsed.
  if (isParsed) yield* restyled(text, 'body_parsed')
  yield* otherWhiteSpace(binary)
  yield* otherCharsets(body, binary, decoded)
  yield* otherEncodings(body, binary)
  yield [new Uint8Array(0), 'body_empty', 'signed without a body']
  if (text !== undefined) {
    const value = jsonIn(text)
    yield* otherWrapping(text, value)
    yield* otherEscaping(text)
    if (!isParsed) yield* restyled(text, 'body_reserialised')
    yield* membersOf(value)
  }
  yield* lostBytes(binary)
}

function* restyled(text = '', code: 'body_parsed' | 'body_reserialised'): Generator<Candidate> {
  for (const { bytes, detail } of jsonStyles(withoutMark(text))) {
    yield code === 'body_parsed' ? [bytes, code] : [bytes, code, detail]
  }
}

/** The bodies of one change, and of two if they are small: behind one that opens a body up, and a byte order mark before others. */
export async function withPairs(
  captured: Captured,
  alone: readonly Variant<Uint8Array>[],
): Promise<readonly Variant<Uint8Array>[]> {
  if (captured.body.length > SMALL) return alone
  const { add, list } = createVariants<Uint8Array>(fingerprint)
  const small = alone.filter(({ value }) => value.length <= SMALL)
  for (const { value, changes } of small) add(value, ...changes)
  for (const { value, changes } of having(RESTYLED, small).slice(0, MAX_PAIRS)) {
    const mark = { code: 'body_whitespace', detail: 'a byte order mark was stripped' } as const
    add(withByteOrderMark(value), ...changes, mark)
  }
  for (const { value, changes } of having(OPENER, small)) {
    if (list.length > MAX_PAIRS + small.length) break
    for (const next of await changedBodies(captured, value)) {
      add(next.value, ...changes, ...next.changes)
    }
  }
  return list
}

function having(
  pattern: RegExp,
  variants: readonly Variant<Uint8Array>[],
): readonly Variant<Uint8Array>[] {
  const textOf = ({ code, detail = '' }: Change): string => `${code} ${detail}`
  return variants.filter(({ changes }) => changes[0] && pattern.test(textOf(changes[0])))
}
