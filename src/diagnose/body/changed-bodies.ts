import { type Captured, SMALL } from '../capture.js'
import { binaryText, fingerprint, parseJson, textOf, withoutMark } from '../text.js'
import { type Candidate, change, createVariants, type Variant } from '../variants.js'
import { lostBytes, otherCharsets } from './charsets.js'
import { otherEscaping, otherWhiteSpace, withByteOrderMark } from './edits.js'
import { otherCompression, otherEncodings } from './encodings.js'
import { membersOf, otherWrapping } from './envelopes.js'
import { jsonStyles } from './json-styles.js'

type Body = Variant<Uint8Array>

/** In bytes. A larger text is not parsed. */
const LARGE = 1536 * 1024
const MAX_PAIRS = 1500
// The changes, by code and detail, that a second change is tried together with.
const OPENER = /^body_(encoded|compressed|wrapped|parsed)|arrived with|order mark|once too often/
const RESTYLED = /^body_reserialised/

/** The body as it arrived, or the JSON of a parsed body. */
export function unchangedBody({ body, parsed }: Captured): Body {
  return { value: body, changes: parsed ? [change('body_parsed')] : [] }
}

/** The bodies that may have been signed, each with one change. They are created one at a time, because a body can be large and the first may match. */
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

/** The most likely come first. */
function* candidates(
  { body: arrived, parsed }: Captured,
  body: Uint8Array,
  compressed: readonly Candidate[],
): Generator<Candidate> {
  const decoded = textOf(body)
  const binary = binaryText(body)
  const text = body.length <= LARGE ? decoded : undefined
  const json = withoutMark(text ?? '')
  const isParsed = parsed && body === arrived
  // Whatever the JSON of a parsed body looked like, the cause is that the body was parsed.
  if (isParsed) {
    for (const { bytes } of jsonStyles(json)) yield [bytes, 'body_parsed']
  }
  yield* otherWhiteSpace(binary)
  yield* otherCharsets(body, binary, decoded)
  yield* otherEncodings(body, binary)
  yield [new Uint8Array(0), 'body_empty', 'signed without a body']
  if (text !== undefined) {
    const value = parseJson(json)
    yield* otherWrapping(text, value)
    yield* otherEscaping(text)
    for (const { bytes, detail } of isParsed ? [] : jsonStyles(json)) {
      yield [bytes, 'body_reserialised', detail]
    }
    yield* membersOf(value)
  }
  yield* lostBytes(binary)
  yield* compressed
}

/** The bodies with one change and, if they are small, with two: any change inside a body that was decoded or unwrapped, and a byte order mark in front of JSON. */
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
