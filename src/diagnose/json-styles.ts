import type { Change } from './finding.js'
import { parseJson } from './text.js'

/** JSON text as another serialiser would have written it. */
export interface Restyled {
  readonly text: string
  readonly change: Change
}

const MAX_NUMBERS = 24
const MAX_ROUNDED = 1024
const STRING = /"(?:[^"\\]|\\.)*"/g
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g

type Escape = (char: string) => string
const unicode: Escape = (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
const upper: Escape = (char) =>
  `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`

const plain = (token: string): string => JSON.stringify(JSON.parse(token))
const ascii = (token: string): string => plain(token).replace(/[\u007f-\uffff]/g, unicode)

/** How serialisers write the same string. */
const escapes: Record<string, { text: string; unicode?: true; write: (token: string) => string }> =
  {
    kept: { text: '', write: (token) => token },
    plain: { text: 'characters as themselves', unicode: true, write: plain },
    ascii: { text: '\\uXXXX escapes', unicode: true, write: ascii },
    upper: {
      text: '\\uXXXX escapes in capitals',
      unicode: true,
      write: (token) => plain(token).replace(/[\u007f-\uffff]/g, upper),
    },
    slash: { text: '"\\/" for slashes', write: (token) => plain(token).replaceAll('/', '\\/') },
    php: {
      text: '"\\/" for slashes and \\uXXXX escapes (PHP)',
      write: (token) => ascii(token).replaceAll('/', '\\/'),
    },
    html: {
      text: '<, > and & escaped (Go, Rails)',
      write: (token) => plain(token).replace(/[<>&\u2028\u2029]/g, unicode),
    },
  }

interface Spacing {
  readonly text: string
  readonly indent: string
  readonly colon: string
  readonly comma: string
  /** Inside braces and brackets that hold something. */
  readonly pad?: string
}

/** How serialisers set white space. */
const spacings: readonly Spacing[] = [
  { text: 'minified', indent: '', colon: ':', comma: ',' },
  { text: 'pretty-printed with 2 spaces', indent: '  ', colon: ': ', comma: ',' },
  { text: 'pretty-printed with 4 spaces', indent: '    ', colon: ': ', comma: ',' },
  { text: 'pretty-printed with tabs', indent: '\t', colon: ': ', comma: ',' },
  { text: 'with a space after colons and commas (Python)', indent: '', colon: ': ', comma: ', ' },
  { text: 'with spaces inside braces', indent: '', colon: ': ', comma: ', ', pad: ' ' },
  { text: 'with a space after colons', indent: '', colon: ': ', comma: ',' },
  { text: 'pretty-printed with spaces around colons', indent: '  ', colon: ' : ', comma: ',' },
]

/** Every way this text may have been written before it became what it is. Empty where it is not JSON. */
export function jsonStyles(text: string): Restyled[] {
  const value = parseJson(text)
  if (value === undefined) return []
  const sorted = JSON.stringify(sortKeys(value))
  return [
    ...escapedStyles(text),
    ...spacings.flatMap((spacing) => spacedStyles(text, spacing)),
    ...parsedStyles(value),
    ...numberStyles(text),
    ...spacings.flatMap((spacing) => spacedStyles(sorted, spacing, ', its keys sorted')),
  ]
}

/** White space kept, strings written otherwise. */
function escapedStyles(text: string): Restyled[] {
  return Object.values(escapes).map(({ text: detail, unicode, write }) => ({
    text: text.replace(STRING, write),
    change: {
      code: unicode ? 'body_unicode_escaped' : 'body_reserialised',
      detail: `signed with ${detail}`,
    },
  }))
}

function spacedStyles(text: string, spacing: Spacing, note = ''): Restyled[] {
  const tokens = text.match(TOKEN) ?? []
  return Object.values(escapes).flatMap(({ text: escaped, write }) => {
    const spaced = space(tokens, spacing, write)
    const detail = `signed ${spacing.text}${escaped && `, ${escaped}`}${note}`
    return [
      { text: spaced, change: { code: 'body_reserialised' as const, detail } },
      { text: `${spaced}\n`, change: { code: 'body_reserialised' as const, detail } },
    ]
  })
}

/** Numbers and escapes as JavaScript writes them. */
function parsedStyles(value: unknown): Restyled[] {
  return [0, 2, 4].map((indent) => ({
    text: JSON.stringify(value, null, indent),
    change: { code: 'body_reserialised', detail: 'signed as JSON.stringify writes it' },
  }))
}

/** One number, or every whole number, as a parser may have found it before it wrote it anew: `1.0`, `1.50`, `1e3`. */
function numberStyles(text: string): Restyled[] {
  const change = { code: 'body_reserialised', detail: 'a number was written otherwise' } as const
  const tokens: string[] = text.match(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[^"\d-]+|-/g) ?? []
  const numbers = tokens.flatMap((token, i) => (/^-?\d/.test(token) ? [i] : []))
  const one = numbers
    .slice(0, MAX_NUMBERS)
    .flatMap((i) => otherNumbers(tokens[i] ?? '').map((number) => tokens.with(i, number).join('')))
  const all = tokens.map((token) => (/^-?\d+$/.test(token) ? `${token}.0` : token)).join('')
  return [...one, all].map((text) => ({ text, change }))
}

function otherNumbers(number: string): string[] {
  if (/[eE]/.test(number)) return [String(Number(number))]
  if (number.includes('.')) return [`${number}0`, `${number}00`, number.replace(/0+$/, '')]
  const [, digits = '', zeros = ''] = /^(-?\d+?)(0*)$/.exec(number) ?? []
  const short = zeros ? [`${digits}e${zeros.length}`, `${digits}E${zeros.length}`] : []
  return [`${number}.0`, `${number}.00`, ...short, ...roundedFrom(number)]
}

// Beyond 2^53 a parser that knows doubles only has rounded.
function roundedFrom(number: string): string[] {
  if (number.length < 16 || number.length > 20) return []
  const near = Array.from(
    { length: 2 * MAX_ROUNDED },
    (_, i) => BigInt(number) + BigInt(i - MAX_ROUNDED),
  )
  return near.map(String).filter((other) => Number(other) === Number(number))
}

function space(
  tokens: readonly string[],
  { indent, colon, comma, pad = '' }: Spacing,
  write: (token: string) => string,
): string {
  const line = (depth: number): string => (indent ? `\n${indent.repeat(depth)}` : '')
  const edge = (depth: number): string => line(depth) || pad
  let depth = 0
  let text = ''
  tokens.forEach((token, i) => {
    const opened = tokens[i - 1] === '{' || tokens[i - 1] === '['
    if (token === '{' || token === '[') {
      depth += 1
      text += token + (tokens[i + 1] === '}' || tokens[i + 1] === ']' ? '' : edge(depth))
    } else if (token === '}' || token === ']') {
      depth -= 1
      text += (opened ? '' : edge(depth)) + token
    } else if (token === ',') text += comma + line(depth)
    else if (token === ':') text += colon
    else text += token.startsWith('"') ? write(token) : token
  })
  return text
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, member]) => [key, sortKeys(member)]))
}
