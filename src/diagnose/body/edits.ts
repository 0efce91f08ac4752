import { concatBytes, encodeUtf8 } from '../../base/bytes.js'
import { attempt, binaryBytes, trimmed } from '../text.js'
import type { Candidate } from '../variants.js'

/** Undoes one change of a text. */
type Edit = (text: string) => string
type Edits = readonly (readonly [detail: string, Edit])[]

const BOM = '\xef\xbb\xbf'
const toLf: Edit = (text) => text.replace(/\r\n?/g, '\n')
const toCrlf: Edit = (text) => toLf(text).replaceAll('\n', '\r\n')

const WHITE_SPACE: Edits = [
  ['signed with a newline at the end', (text) => `${text}\n`],
  ['signed without the newline at the end', (text) => text.replace(/\r?\n$/, '')],
  ['signed with CRLF at the end', (text) => `${text}\r\n`],
  ['signed without the white space at the end', (text) => trimmed(text, 'end')],
  ['signed without the white space around it', (text) => trimmed(text)],
  ['signed without the white space at the start', (text) => trimmed(text, 'start')],
  ['signed with a space at the end', (text) => `${text} `],
  ['signed with two newlines at the end', (text) => `${text}\n\n`],
  ['signed with CR at the end', (text) => `${text}\r`],
  ['signed with a tab at the end', (text) => `${text}\t`],
  ['signed without the NUL at the end', (text) => trimmed(text, 'end', '\0')],
  ['signed with a NUL at the end', (text) => `${text}\0`],
  ['signed with a newline at the start', (text) => `\n${text}`],
  ['signed with a space at the start', (text) => ` ${text}`],
  ['signed with LF, arrived with CRLF', (text) => text.replaceAll('\r\n', '\n')],
  ['signed with CRLF, arrived with LF', toCrlf],
  ['signed with CRLF, also at the end', (text) => `${toCrlf(text)}\r\n`],
  ['signed with LF', toLf],
  ['signed with CR', (text) => toLf(text).replaceAll('\n', '\r')],
  ['signed without line breaks', (text) => toLf(text).replaceAll('\n', '')],
  ['a byte order mark was added', (text) => (text.startsWith(BOM) ? text.slice(3) : text)],
  ['a byte order mark was stripped', (text) => (text.startsWith(BOM) ? text : BOM + text)],
]

const ENTITIES = Object.entries({ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' })
const plusToSpace: Edit = (text) => text.replaceAll('+', ' ')
const escapeTags: Edit = (text) =>
  ENTITIES.slice(0, 4).reduce((text, [char, name]) => text.replaceAll(char, `&${name};`), text)
// All in one pass, so that "&amp;lt;" becomes "&lt;".
const unescapeTags: Edit = (text) =>
  text.replace(/&(?:#(x[\da-f]{1,5}|\d{1,6})|(quot|apos|lt|gt|amp));/gi, (all, code, name) => {
    if (name) return ENTITIES.find(([, other]) => other === name)?.[0] ?? all
    return String.fromCodePoint(Number(code.replace(/^x/i, '0x')))
  })

const ESCAPING: Edits = [
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

/** `binary` has one character for each byte, so this works for bytes of any kind. */
export function* otherWhiteSpace(binary: string): Generator<Candidate> {
  for (const [text, detail] of edited(binary, WHITE_SPACE)) {
    yield [binaryBytes(text), 'body_whitespace', detail]
  }
}

export function* otherEscaping(decoded: string): Generator<Candidate> {
  for (const [text, detail] of edited(decoded, ESCAPING)) {
    yield [encodeUtf8(text), 'body_encoded', detail]
  }
}

/** Most edits leave most texts as they are. Some fail: at percent signs that encode nothing, at half a surrogate pair, at a code point that does not exist. */
function* edited(text: string, edits: Edits): Generator<[text: string, detail: string]> {
  for (const [detail, edit] of edits) {
    const other = attempt(() => edit(text))
    if (other !== undefined && other !== text) yield [other, detail]
  }
}

/** A second change, for JSON that another serialiser wrote. */
export function withByteOrderMark(body: Uint8Array): Uint8Array {
  return concatBytes(binaryBytes(BOM), body)
}
