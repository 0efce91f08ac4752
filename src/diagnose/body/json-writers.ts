/** A JSON text, and how its strings are written; empty for the text as it is. */
export interface Written {
  readonly json: string
  readonly writer: string
}

/** Writes all strings of a JSON text that has no escapes but the necessary ones. */
type Write = (plain: string) => string

const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/g
const NOT_ASCII = /[\u007f-\uffff]/g

const hexOf = (char: string): string => char.charCodeAt(0).toString(16).padStart(4, '0')
const lower = (char: string): string => `\\u${hexOf(char)}`
const upper = (char: string): string => `\\u${hexOf(char).toUpperCase()}`
const ascii: Write = (plain) => plain.replace(NOT_ASCII, lower)
const withSlashes: Write = (plain) => plain.replaceAll('/', '\\/')
// A plus sign occurs in numbers too, all the other characters in strings only.
const dotNet: Write = (plain) =>
  plain.replace(STRING, (token) => {
    const inner = token.slice(1, -1)
    return `"${inner.replace(/\\"|[<>&'+`\u007f-\uffff]/g, (char) => upper(char.at(-1) ?? ''))}"`
  })

/** The likely ones first. */
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

/** The text, and the text under each writer that makes a difference; white space outside of strings stays. */
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
