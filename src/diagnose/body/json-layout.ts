import { encodeUtf8 } from '../../base/bytes.js'

/** How a serialiser sets white space between the tokens of a JSON text. */
export interface Spacing {
  readonly text: string
  readonly indent?: string
  readonly colon?: string
  /** A comma with no line break after it. */
  readonly comma?: string
  /** Inside braces and brackets on one line that are not empty. */
  readonly pad?: string
  /** Inside empty braces and brackets. */
  readonly empty?: string
  /** Arrays stay on one line even if objects are indented. */
  readonly flatArrays?: true
  readonly newline?: string
}

const MINIFIED: Spacing = { text: 'minified', colon: ':', comma: ',' }
const CRLF = { newline: '\r\n' }
const JACKSON = { indent: '  ', colon: ' : ', pad: ' ', empty: ' ', flatArrays: true } as const

/** The most likely come first. */
export const SPACINGS: readonly Spacing[] = [
  MINIFIED,
  { text: 'pretty-printed with 2 spaces', indent: '  ' },
  { text: 'with a space after colons and commas (Python)' },
  { text: 'pretty-printed with 4 spaces', indent: '    ' },
  { text: 'pretty-printed with tabs', indent: '\t' },
  { text: 'pretty-printed with 2 spaces and CRLF', indent: '  ', ...CRLF },
  { text: 'pretty-printed with 4 spaces and CRLF', indent: '    ', ...CRLF },
  { text: 'with spaces inside braces', pad: ' ' },
  { text: 'with a space after colons', comma: ',' },
  { text: 'with a space after commas', colon: ':' },
  { text: 'pretty-printed with spaces around colons', indent: '  ', colon: ' : ' },
  { text: 'pretty-printed with arrays on one line (Jackson)', ...JACKSON },
  { text: 'pretty-printed with 1 space', indent: ' ' },
  { text: 'pretty-printed with 3 spaces', indent: '   ' },
]

// Deeply nested and indented JSON would have no limit.
const MAX_BYTES = 8 * 1024 * 1024
// One step writes less than this: at most two line breaks with the indent of 100 levels.
const MARGIN = 2048
const [QUOTE, BACKSLASH, COMMA, COLON] = [34, 92, 44, 58]
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125]

/**
 * Adds white space to JSON that has none. `undefined` if the result would be too long.
 * It works byte by byte and in one function, because it runs a hundred times over a body of 1 MiB.
 */
export function layOut(json: Uint8Array, spacing: Spacing): Uint8Array | undefined {
  if (spacing === MINIFIED) return json
  const { indent = '', flatArrays, newline = '\n' } = spacing
  const { colon = ': ', comma = ', ', pad = '', empty = '' } = spacing
  const [ofColon, ofComma, ofPad, ofEmpty] = [colon, comma, pad, empty].map(encodeUtf8)
  const breaks: Uint8Array[] = []
  const onLines: boolean[] = []
  let depth = 0
  let out = new Uint8Array(2 * json.length + MARGIN)
  let length = 0

  for (let i = 0; i < json.length; i++) {
    const byte = json[i] ?? 0
    let before: Uint8Array | undefined
    let after: Uint8Array | undefined
    let instead: Uint8Array | undefined
    if (byte === QUOTE) {
      const end = stringEnd(json, i)
      while (i < end) out[length++] = json[i++] ?? 0
    } else if (byte === COLON) {
      instead = ofColon
    } else if (byte === COMMA) {
      if (onLines.at(-1)) after = breaks[depth]
      else instead = ofComma
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      const breaksHere = indent !== '' && !(flatArrays && byte === OPEN_LIST)
      onLines.push(breaksHere)
      if (breaksHere) breaks[++depth] ??= encodeUtf8(newline + indent.repeat(depth))
      after = json[i + 1] === byte + 2 ? ofEmpty : breaksHere ? breaks[depth] : ofPad
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      const breaksHere = onLines.pop()
      if (breaksHere) breaks[--depth] ??= encodeUtf8(newline + indent.repeat(depth))
      if (json[i - 1] !== byte - 2) before = breaksHere ? breaks[depth] : ofPad
    } else {
      out[length++] = byte
      continue
    }

    if (before) for (let k = 0; k < before.length; k++) out[length++] = before[k] ?? 0
    if (!instead) out[length++] = byte
    else for (let k = 0; k < instead.length; k++) out[length++] = instead[k] ?? 0
    if (after) for (let k = 0; k < after.length; k++) out[length++] = after[k] ?? 0
    if (length > MAX_BYTES) return undefined
    // Keeps room for the next step and for the unchanged rest.
    if (out.length - length < json.length - i + MARGIN) out = grown(out)
  }
  return out.subarray(0, length)
}

/** The index of the closing quote. */
function stringEnd(json: Uint8Array, start: number): number {
  for (let i = start + 1; i < json.length; i++) {
    if (json[i] === QUOTE) return i
    if (json[i] === BACKSLASH) i++
  }
  return json.length - 1
}

function grown(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * bytes.length)
  larger.set(bytes)
  return larger
}
