/** How a serialiser writes the strings of a JSON text. */
export interface StringWriter {
  readonly text: string
  /** Writes all strings of a JSON text that has no escapes but the necessary ones. */
  readonly write: (plain: string) => string
}

const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/g

const lower = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
const upper = (char: string): string =>
  `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
const ascii = (plain: string): string => plain.replace(/[\u007f-\uffff]/g, lower)
// A plus sign occurs in numbers too, all the other characters in strings only.
const dotNet = (plain: string): string =>
  plain.replace(STRING, (token) => {
    const inner = token.slice(1, -1)
    return `"${inner.replace(/\\"|[<>&'+`\u007f-\uffff]/g, (char) => upper(char.at(-1) ?? ''))}"`
  })

/** The likely ones first. */
const STRING_WRITERS: readonly StringWriter[] = [
  { text: 'characters as themselves', write: (plain) => plain },
  { text: '\\uXXXX escapes', write: ascii },
  {
    text: '\\uXXXX escapes in capitals',
    write: (plain) => plain.replace(/[\u007f-\uffff]/g, upper),
  },
  { text: '"\\/" for slashes', write: (plain) => plain.replaceAll('/', '\\/') },
  {
    text: '"\\/" for slashes and \\uXXXX escapes (PHP)',
    write: (plain) => ascii(plain).replaceAll('/', '\\/'),
  },
  {
    text: '<, > and & escaped (Go, Rails)',
    write: (plain) => plain.replace(/[<>&\u2028\u2029]/g, lower),
  },
  { text: "<, >, &, +, ' and all but ASCII escaped (.NET)", write: dotNet },
  {
    text: "<, >, &, = and ' escaped (Gson)",
    write: (plain) => plain.replace(/[<>&='\u2028\u2029]/g, lower),
  },
]

export interface Written {
  readonly json: string
  /** Empty for the text as it is. */
  readonly writer: string
}

/** The text, and the text under each writer that makes a difference; white space outside of strings stays. */
export function writtenBy(json: string): Written[] {
  const plain = json.includes('\\') ? json.replace(STRING, withoutEscapes) : json
  const found: Written[] = [{ json, writer: '' }]
  for (const { text: writer, write } of STRING_WRITERS) {
    const json = write(plain)
    if (found.every((other) => other.json !== json)) found.push({ json, writer })
  }
  return found
}

function withoutEscapes(token: string): string {
  return token.includes('\\') ? JSON.stringify(JSON.parse(token)) : token
}
