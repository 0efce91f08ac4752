import { type Captured, SMALL } from '../capture.js'
import { binaryText, fingerprint, textOf } from '../text.js'
import { type Candidate, change, createVariants, type Variant } from '../variants.js'
import { lostBytes, otherCharsets } from './charsets.js'
import { otherCompression, otherEncodings } from './encodings.js'
import { jsonIn, membersOf, otherWrapping, withoutMark } from './envelopes.js'
import { otherEscaping } from './escaping.js'
import { jsonStyles } from './json-styles.js'
import { otherWhiteSpace, withByteOrderMark } from './white-space.js'

type Body = Variant<Uint8Array>

/** Above this a text is not taken apart at all. */
const LARGE = 1536 * 1024
const MAX_PAIRS = 1500
// What a second change is looked for behind, by code and detail.
const OPENER = /^body_(encoded|compressed|wrapped|parsed)|arrived with|order mark|once too often/
const RESTYLED = /^body_reserialised/

/** The body as it arrived, or what is left of it. */
export function unchangedBody({ body, parsed }: Captured): Body {
  return { value: body, changes: parsed ? [change('body_parsed')] : [] }
}

/** What may have been signed, one change each; made when it is asked for, as a body can be large and the first may be right. */
export async function changedBodies(
  captured: Captured,
  body: Uint8Array = captured.body,
): Promise<Iterable<Body>> {
  return variantsOf(candidates(captured, body, await otherCompression(captured, body)))
}

function* variantsOf(candidates: Iterable<Candidate>): Generator<Body> {
  for (const [value, code, detail] of candidates) {
    if (value) yield { value, changes: [change(code, detail)] }
  }
}

/** From the likely to the odd. */
function* candidates(
  { body: arrived, parsed }: Captured,
  body: Uint8Array,
  compressed: readonly Candidate[],
): Generator<Candidate> {
  const decoded = textOf(body)
  const binary = binaryText(body)
  const text = body.length <= LARGE ? decoded : undefined
  const isParsed = parsed && body === arrived
  // Every way in which a parsed body may have been written is the one cause that it was parsed.
  if (isParsed) {
    for (const { bytes } of jsonStyles(withoutMark(text ?? ''))) yield [bytes, 'body_parsed']
  }
  yield* otherWhiteSpace(body, binary)
  yield* otherCharsets(body, binary, decoded)
  yield* otherEncodings(body, binary)
  yield [new Uint8Array(0), 'body_empty', 'signed without a body']
  if (text !== undefined) {
    const value = jsonIn(text)
    yield* otherWrapping(text, value)
    yield* otherEscaping(text)
    for (const { bytes, detail } of isParsed ? [] : jsonStyles(withoutMark(text))) {
      yield [bytes, 'body_reserialised', detail]
    }
    yield* membersOf(value)
  }
  yield* lostBytes(binary)
  yield* compressed
}

/** The bodies of one change, and of two if they are small: behind one that opens a body up, and a byte order mark before others. */
export async function withPairs(captured: Captured, alone: readonly Body[]) {
  if (captured.body.length > SMALL) return alone
  const { add, list } = createVariants<Uint8Array>(fingerprint)
  const small = alone.filter(({ value }) => value.length <= SMALL)
  for (const { value, changes } of small) add(value, ...changes)
  for (const { value, changes } of having(RESTYLED, small).slice(0, MAX_PAIRS)) {
    const mark = change('body_whitespace', 'a byte order mark was stripped')
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

function having(pattern: RegExp, bodies: readonly Body[]): readonly Body[] {
  return bodies.filter(({ changes: [first] }) =>
    pattern.test(first ? `${first.code} ${first.detail ?? ''}` : ''),
  )
}
