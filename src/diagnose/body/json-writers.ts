/** A JSON text, and the way its strings are written. `writer` is empty for the unchanged text. */
export interface Written {
  readonly json: string
  readonly writer: string
}

/** Escapes the strings of a JSON text that has only the necessary escapes. */
type Write = (plain: string) => string

const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/g
const NOT_ASCII = /[\u007f-\uffff]/g

const hexOf = (char: string): string => char.charCodeAt(0).toString(16).padStart(4, '0')
const lower = (char: string): string => `\\u${hexOf(char)}`
const upper = (char: string): string => `\\u${hexOf(char).toUpperCase()}`
const ascii: Write = (plain) => plain.replace(NOT_ASCII, lower)
const withSlashes: Write = (plain) => plain.replaceAll('/', '\\/')
// Works on strings only, because numbers can contain a plus sign too.
const dotNet: Write = (plain) =>
  plain.replace(STRING, (token) => {
    const inner = token.slice(1, -1)
    return `"${inner.replace(/\\"|[<>&'+`\u007f-\uffff]/g, (char) => upper(char.at(-1) ?? ''))}"`
  })

/** The most likely come first. */
const WRITERS: readonly (readonly [writer: string, Write])[] = [
  ['characters as themselves', (plain) => plain],
  ['\\uXXXX escapes', ascii],
  ['\\uXXXX escapes in capitals', (plain) => plain.replace(NOT_ASCII, upper)],
  ['"\\/" for slashes', withSlashes],
  ['"\\/" for slashes and \\uXXXX escapes (PHP)', (plain) => withSlashes(ascii(plain))],
  ['<, > and & escaped (Go, Rails)', (plain) => plain.replace(/[<>&\u2028\u2029]/g, lower)],
  ["<, >, &, +, ' and all but ASCII escaped (.NET)", dotNet],
  ["<, >, &, = and ' escaped (Gson)", (plain) => plain.replace(/[<>&='\u2028\u2029]/g, lower)],
]

/** The text itself, and its different form by each writer. White space outside strings stays. */
export function writtenBy(json: string): Written[] {
  const plain = json.includes('\\') ? json.replace(STRING, withoutEscapes) : json
  const found: Written[] = [{ json, writer: '' }]
  for (const [writer, write] of WRITERS) {
    const json = write(plain)
    if (found.every((other) => other.json !== json)) found.push({ json, writer })
  }
  return found
}

function withoutEscapes(token: string): string {
  return token.includes('\\') ? JSON.stringify(JSON.parse(token)) : token
}
