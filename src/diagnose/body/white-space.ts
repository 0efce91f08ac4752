import { binaryBytes, joined, trimmed } from '../text.js'
import type { Candidate } from '../variants.js'

/** On text of one character a byte, so that it works for bytes of any kind. */
type Edit = (text: string) => string

const BOM = '\xef\xbb\xbf'
const toLf: Edit = (text) => text.replace(/\r\n?/g, '\n')
const toCrlf: Edit = (text) => toLf(text).replaceAll('\n', '\r\n')

/** An edit, or what was added: behind the body, or in front of it. */
const WHITE_SPACE: readonly (readonly [
  string,
  Edit | undefined,
  after?: string,
  before?: string,
])[] = [
  ['signed with a newline at the end', undefined, '\n'],
  ['signed without the newline at the end', (text) => text.replace(/\r?\n$/, '')],
  ['signed with CRLF at the end', undefined, '\r\n'],
  ['signed without the white space at the end', (text) => trimmed(text, 'end')],
  ['signed without the white space around it', (text) => trimmed(text)],
  ['signed without the white space at the start', (text) => trimmed(text, 'start')],
  ['signed with a space at the end', undefined, ' '],
  ['signed with two newlines at the end', undefined, '\n\n'],
  ['signed with CR at the end', undefined, '\r'],
  ['signed with a tab at the end', undefined, '\t'],
  ['signed without the NUL at the end', (text) => trimmed(text, 'end', '\0')],
  ['signed with a NUL at the end', undefined, '\0'],
  ['signed with a newline at the start', undefined, '', '\n'],
  ['signed with a space at the start', undefined, '', ' '],
  ['signed with LF, arrived with CRLF', (text) => text.replaceAll('\r\n', '\n')],
  ['signed with CRLF, arrived with LF', toCrlf],
  ['signed with CRLF, also at the end', (text) => `${toCrlf(text)}\r\n`],
  ['signed with LF', toLf],
  ['signed with CR', (text) => toLf(text).replaceAll('\n', '\r')],
  ['signed without line breaks', (text) => toLf(text).replaceAll('\n', '')],
  ['a byte order mark was added', (text) => (text.startsWith(BOM) ? text.slice(3) : text)],
  ['a byte order mark was stripped', (text) => (text.startsWith(BOM) ? text : BOM + text)],
]

export function* otherWhiteSpace(body: Uint8Array, binary: string): Generator<Candidate> {
  for (const [detail, edit, after = '', before = ''] of WHITE_SPACE) {
    const text = edit?.(binary)
    // Most edits leave a body of 1 MiB as it is.
    if (text === undefined) {
      const bytes = joined(binaryBytes(before), body, binaryBytes(after))
      yield [bytes, 'body_whitespace', detail]
    } else if (text !== binary) yield [binaryBytes(text), 'body_whitespace', detail]
  }
}

/** A second change behind another serialiser's writing. */
export function withByteOrderMark(body: Uint8Array): Uint8Array {
  return joined(binaryBytes(BOM), body)
}
