/** How a serialiser writes the strings of a JSON text. */
export interface StringWriter {
  readonly text: string
  /** Only the escapes of characters outside ASCII differ. */
  readonly unicode?: true
  readonly write: (token: string) => string
}

const lower = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
const upper = (char: string): string =>
  `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`

const plain = (token: string): string =>
  token.includes('\\') ? JSON.stringify(JSON.parse(token)) : token
const ascii = (token: string): string => plain(token).replace(/[\u007f-\uffff]/g, lower)
const slashed = (token: string): string => token.replaceAll('/', '\\/')
const dotNet = (token: string): string =>
  plain(token)
    .slice(1, -1)
    .replace(/\\"|[<>&'+`\u007f-\uffff]/g, (char) => upper(char.at(-1) ?? ''))

/** The likely ones first. */
export const STRING_WRITERS: readonly StringWriter[] = [
  { text: '', write: (token) => token },
  { text: 'characters as themselves', unicode: true, write: plain },
  { text: '\\uXXXX escapes', unicode: true, write: ascii },
  {
    text: '\\uXXXX escapes in capitals',
    unicode: true,
    write: (token) => plain(token).replace(/[\u007f-\uffff]/g, upper),
  },
  { text: '"\\/" for slashes', write: (token) => slashed(plain(token)) },
  {
    text: '"\\/" for slashes and \\uXXXX escapes (PHP)',
    write: (token) => slashed(ascii(token)),
  },
  {
    text: '<, > and & escaped (Go, Rails)',
    write: (token) => plain(token).replace(/[<>&\u2028\u2029]/g, lower),
  },
  {
    text: "<, >, &, +, ' and all but ASCII escaped (.NET)",
    write: (token) => `"${dotNet(token)}"`,
  },
  {
    text: "<, >, &, = and ' escaped (Gson)",
    write: (token) => plain(token).replace(/[<>&='\u2028\u2029]/g, lower),
  },
]
