import { encodeUtf8 } from '../../base/bytes.js'
import type { Cause } from '../catalogue.js'
import { binaryBytes, binaryText, trimmed } from '../text.js'

/** A body that may have been signed: what it takes to get there, in the words of a finding. Nothing to try if it is `undefined`. */
export type Candidate = readonly [value: Uint8Array | undefined, code: Cause, detail?: string]

type Edit = readonly [detail: string, edit: (text: string) => string | undefined]

const BOM = '\xef\xbb\xbf'
const toLf = (text: string): string => text.replace(/\r\n?/g, '\n')
const toCrlf = (text: string): string => toLf(text).replaceAll('\n', '\r\n')

/** On text of one character a byte, so that they work for bytes of any kind. */
const WHITESPACE: readonly Edit[] = [
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
  ['a byte order mark was added', (text) => (text.startsWith(BOM) ? text.slice(3) : undefined)],
  ['a byte order mark was stripped', (text) => (text.startsWith(BOM) ? undefined : BOM + text)],
]

export function* otherWhiteSpace(binary: string): Generator<Candidate> {
  for (const [detail, edit] of WHITESPACE) {
    const text = edit(binary)
    // Most leave a body of 1 MiB as it is.
    if (text !== undefined && text !== binary) yield [binaryBytes(text), 'body_whitespace', detail]
  }
}

/** A second change behind another serialiser's writing. */
export function withByteOrderMark(body: Uint8Array): Uint8Array {
  return binaryBytes(BOM + binaryText(body))
}

const ESCAPES: Readonly<Record<string, string>> = {
  quot: '"',
  apos: "'",
  lt: '<',
  gt: '>',
  amp: '&',
}
const escapeTags = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const unescapeTags = (text: string): string =>
  text
    .replace(/&#(x[\da-f]{1,5}|\d{1,6});/gi, (_, code: string) =>
      String.fromCodePoint(Number(code.startsWith('x') ? `0${code}` : code)),
    )
    .replace(/&(quot|apos|lt|gt|amp);/g, (_, name: string) => ESCAPES[name] ?? '')
const plusToSpace = (text: string): string => text.replaceAll('+', ' ')

/** On text. */
const ESCAPING: readonly Edit[] = [
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
  ['plain text; signed HTML-escaped', (text) => escapeTags(text).replaceAll('"', '&quot;')],
]

export function* otherEscaping(decoded: string): Generator<Candidate> {
  for (const [detail, edit] of ESCAPING) {
    const text = attempt(() => edit(decoded))
    if (text !== undefined && text !== decoded) yield [encodeUtf8(text), 'body_encoded', detail]
  }
}

function attempt<T>(edit: () => T): T | undefined {
  try {
    return edit()
  } catch {
    // Percent signs that encode nothing, half a surrogate pair, a code point that does not exist.
    return undefined
  }
}
