import { concatBytes, encodeUtf8 } from '../../base/bytes.js'
import { SMALL } from '../capture.js'
import { parseJson } from '../text.js'
import { layOut, SPACINGS, type Spacing } from './json-layout.js'
import { otherNumbers } from './json-numbers.js'
import { type Written, writtenBy } from './json-writers.js'

export interface Restyled {
  readonly bytes: Uint8Array
  readonly detail: string
}

const LARGE = 256 * 1024
const MAX_NUMBERS = 2500
const MAX_CHARS = 8 * 1024 * 1024
const PIECE = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|\s+|[^\s{}[\],:"]+/g
const STRING_OR_SPACE = /("[^"\\]*(?:\\.[^"\\]*)*")|\s+/g
const LIKELY = SPACINGS.slice(0, 6)

/** The texts that may have been signed before a parser and serialiser made this JSON of them. Nothing if the text is not JSON. */
export function* jsonStyles(text: string): Generator<Restyled> {
  const value = parseJson(text)
  if (value === undefined) return
  for (const { json, writer } of writtenBy(text).slice(1)) {
    yield { bytes: encodeUtf8(json), detail: `signed with ${writer}` }
  }
  const tight = text.replace(STRING_OR_SPACE, (_, string = '') => string)
  yield* laidOut(writtenBy(tight), text.length <= LARGE ? SPACINGS : LIKELY)
  const parsed = JSON.stringify(value)
  const asParsed = { json: parsed, writer: 'with the numbers and escapes of JSON.stringify' }
  if (parsed !== tight) yield* laidOut([asParsed], LIKELY)
  const sorted = JSON.stringify(sortKeys(value))
  const note = ', its keys sorted'
  if (sorted !== parsed) yield* laidOut(writtenBy(sorted).slice(0, 3), LIKELY.slice(0, 3), note)
  if (text.length <= SMALL) yield* otherwiseNumbered(text)
}

function* laidOut(
  written: readonly Written[],
  spacings: readonly Spacing[],
  note = '',
): Generator<Restyled> {
  const all = written.map(({ json, writer }) => ({ tight: encodeUtf8(json), writer }))
  for (const spacing of spacings) {
    for (const { tight, writer } of all) {
      const bytes = layOut(tight, spacing)
      if (!bytes) continue
      const detail = `signed ${spacing.text}${writer && `, ${writer}`}${note}`
      yield { bytes, detail }
      const longer = concatBytes(bytes, encodeUtf8(spacing.newline ?? '\n'))
      yield { bytes: longer, detail: `${detail}, and a newline at the end` }
    }
  }
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, member]) => [key, sortKeys(member)]))
}

/** Numbers that may have lost their zeros or exponents, in the likely spacings. */
function* otherwiseNumbered(text: string): Generator<Restyled> {
  const detail = 'signed with a number written otherwise'
  const all = writtenBy(text)
    .slice(0, 3)
    .flatMap(({ json }) => otherNumbers(json.match(PIECE) ?? []))
  const texts = all.map((pieces) => encodeUtf8(pieces.join('')))
  const tight = all.map((pieces) => encodeUtf8(pieces.filter((piece) => piece.trim()).join('')))
  let left = Math.min(MAX_NUMBERS, Math.ceil(MAX_CHARS / text.length))
  for (const spacing of [undefined, ...LIKELY.slice(0, 3)]) {
    for (const json of spacing ? tight : texts) {
      if (left-- <= 0) return
      const bytes = spacing ? layOut(json, spacing) : json
      if (bytes) yield { bytes, detail }
    }
  }
}
