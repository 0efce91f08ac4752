import { SMALL } from './delivery.js'
import type { Change } from './finding.js'
import { otherNumbers } from './json-numbers.js'
import { layOut, SPACINGS, type Spacing } from './json-spacing.js'
import { STRING_WRITERS, type StringWriter } from './json-strings.js'
import { parseJson } from './text.js'

/** JSON text as another serialiser would have written it. */
export interface Restyled {
  readonly text: string
  readonly change: Change
}

const LARGE = 256 * 1024
const MAX_NUMBERS = 2500
const MAX_CHARS = 8 * 1024 * 1024
const PIECE = /"(?:[^"\\]|\\.)*"|[{}[\],:]|\s+|[^\s{}[\],:"]+/g
const LIKELY = SPACINGS.slice(0, 6)

/** Pieces of a text under one writer of strings. */
interface Written {
  readonly writer: StringWriter
  /** White space included. */
  readonly pieces: readonly string[]
  readonly tokens: readonly string[]
}

/** Every way this text may have been written before it became what it is. Empty where it is not JSON. */
export function jsonStyles(text: string): Restyled[] {
  const value = parseJson(text)
  if (value === undefined) return []
  const all = writtenBy(text)
  return [
    ...all.map(kept),
    ...(text.length <= LARGE ? SPACINGS : LIKELY).flatMap((spacing) =>
      all.flatMap((written) => spaced(written, spacing)),
    ),
    ...parsedStyles(value),
    ...sortedStyles(value),
    ...(text.length <= SMALL ? numberStyles(all) : []),
  ]
}

/** The text under each writer that makes a difference. */
function writtenBy(text: string): Written[] {
  const pieces = piecesOf(text)
  const found: Written[] = []
  for (const writer of STRING_WRITERS) {
    const written = pieces.map((piece) => (piece.startsWith('"') ? writer.write(piece) : piece))
    const isNew = found.every(({ pieces }) => pieces.some((piece, i) => piece !== written[i]))
    if (isNew) found.push({ writer, pieces: written, tokens: tokensOf(written) })
  }
  return found
}

function piecesOf(text: string): readonly string[] {
  return text.match(PIECE) ?? []
}

/** White space kept, strings written otherwise. */
function kept({ writer, pieces }: Written): Restyled {
  const code = writer.unicode ? 'body_unicode_escaped' : 'body_reserialised'
  return { text: pieces.join(''), change: { code, detail: `signed with ${writer.text}` } }
}

function spaced({ writer, tokens }: Written, spacing: Spacing, note = ''): Restyled[] {
  const text = layOut(tokens, spacing)
  if (text === undefined) return []
  const detail = `signed ${spacing.text}${writer.text && `, ${writer.text}`}${note}`
  const change = { code: 'body_reserialised', detail } as const
  return [
    { text, change },
    { text: text + (spacing.newline ?? '\n'), change },
  ]
}

function tokensOf(pieces: readonly string[]): string[] {
  return pieces.filter((piece) => piece.trim() !== '')
}

/** Numbers and escapes as JavaScript writes them. */
function parsedStyles(value: unknown): Restyled[] {
  const change = {
    code: 'body_reserialised',
    detail: 'signed as JSON.stringify writes it',
  } as const
  const tokens = piecesOf(JSON.stringify(value))
  return LIKELY.flatMap((spacing) => {
    const text = layOut(tokens, spacing)
    return text === undefined ? [] : [{ text, change }]
  })
}

function sortedStyles(value: unknown): Restyled[] {
  const all = writtenBy(JSON.stringify(sortKeys(value)))
  return LIKELY.slice(0, 3).flatMap((spacing) =>
    all.flatMap((written) => spaced(written, spacing, ', its keys sorted')),
  )
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, member]) => [key, sortKeys(member)]))
}

/** Numbers that lost their zeros or exponents on the way, in the likely spacings. */
function numberStyles(all: readonly Written[]): Restyled[] {
  const change = { code: 'body_reserialised', detail: 'a number was written otherwise' } as const
  const texts = all.slice(0, 3).flatMap(({ pieces }) => otherNumbers(pieces))
  const kept = texts.map((pieces) => pieces.join(''))
  const laid = LIKELY.slice(0, 3).flatMap((spacing) =>
    texts.flatMap((pieces) => layOut(tokensOf(pieces), spacing) ?? []),
  )
  const size = kept[0]?.length ?? 1
  const count = Math.min(MAX_NUMBERS, Math.ceil(MAX_CHARS / size))
  return [...kept, ...laid].slice(0, count).map((text) => ({ text, change }))
}
