import { encodeUtf8 } from '../../base/bytes.js'
import { attempt } from '../text.js'
import type { Candidate } from '../variants.js'

type Edit = (text: string) => string

const ENTITIES = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' }
const NAMED = Object.entries(ENTITIES)
const plusToSpace: Edit = (text) => text.replaceAll('+', ' ')
const escapeTags: Edit = (text) =>
  NAMED.slice(0, 4).reduce((text, [char, name]) => text.replaceAll(char, `&${name};`), text)
const unescapeTags: Edit = (text) =>
  text
    .replace(/&#(x[\da-f]{1,5}|\d{1,6});/gi, (_, code: string) =>
      String.fromCodePoint(Number(code.startsWith('x') ? `0${code}` : code)),
    )
    .replace(
      /&(quot|apos|lt|gt|amp);/g,
      (_, name) => NAMED.find(([, other]) => other === name)?.[0] ?? '',
    )

const ESCAPING: readonly (readonly [detail: string, Edit])[] = [
  ['percent-encoded; signed as plain text', decodeURIComponent],
  [
    'percent-encoded, with + for a space; signed as plain text',
    (text) => decodeURIComponent(plusToSpace(text)),
  ],
  [
    'a form field; signed as its value',
    (text) => decodeURIComponent(plusToSpace(text).replace(/^[^=&]*=/, '')),
  ],
  ['plain text; signed percent-encoded', encodeURIComponent],
  ['HTML-escaped; signed unescaped', unescapeTags],
  ['plain text; signed HTML-escaped', escapeTags],
]

export function* otherEscaping(decoded: string): Generator<Candidate> {
  for (const [detail, edit] of ESCAPING) {
    // Fails at percent signs that encode nothing, half a surrogate pair, a code point that does not exist.
    const text = attempt(() => edit(decoded))
    if (text !== undefined && text !== decoded) yield [encodeUtf8(text), 'body_encoded', detail]
  }
}
