import { encodeUtf8 } from '../../base/bytes.js'

/** How a serialiser sets white space between the tokens of a JSON text. */
export interface Spacing {
  readonly text: string
  readonly indent: string
  readonly colon: string
  /** If no line ends behind it. */
  readonly comma: string
  /** Inside braces and brackets that stay on one line and hold something. */
  readonly pad?: string
  /** Inside those that hold nothing. */
  readonly empty?: string
  /** Arrays stay on one line, whatever is indented. */
  readonly flatArrays?: true
  readonly newline?: string
}

const NONE = { indent: '', colon: ':', comma: ',' }
const TWO = { indent: '  ', colon: ': ', comma: ', ' }
const PYTHON = { indent: '', colon: ': ', comma: ', ' }
const JACKSON = { ...TWO, colon: ' : ', pad: ' ', empty: ' ', flatArrays: true } as const

/** The likely ones first. */
export const SPACINGS: readonly Spacing[] = [
  { text: 'minified', ...NONE },
  { text: 'pretty-printed with 2 spaces', ...TWO },
  { text: 'with a space after colons and commas (Python)', ...PYTHON },
  { text: 'pretty-printed with 4 spaces', ...TWO, indent: '    ' },
  { text: 'pretty-printed with tabs', ...TWO, indent: '\t' },
  { text: 'pretty-printed with 2 spaces and CRLF', ...TWO, newline: '\r\n' },
  { text: 'pretty-printed with 4 spaces and CRLF', ...TWO, indent: '    ', newline: '\r\n' },
  { text: 'with spaces inside braces', ...PYTHON, pad: ' ' },
  { text: 'with a space after colons', ...NONE, colon: ': ' },
  { text: 'with a space after commas', ...NONE, comma: ', ' },
  { text: 'pretty-printed with spaces around colons', ...TWO, colon: ' : ' },
  { text: 'pretty-printed with arrays on one line (Jackson)', ...JACKSON },
  { text: 'pretty-printed with 1 space', ...TWO, indent: ' ' },
  { text: 'pretty-printed with 3 spaces', ...TWO, indent: '   ' },
]

// What is nested deep and indented would grow without measure.
const MAX_BYTES = 8 * 1024 * 1024
// More than one step writes: two line breaks with the indent of 100 levels.
const MARGIN = 2048
const [QUOTE, BACKSLASH, COMMA, COLON] = [34, 92, 44, 58]
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125]

/**
 * JSON without white space, laid out; `undefined` if it would be too long.
 * Byte by byte and in one function, because a body of 1 MiB is laid out a hundred times.
 */
export function layOut(json: Uint8Array, spacing: Spacing): Uint8Array | undefined {
  const { indent, flatArrays, newline = '\n' } = spacing
  const [colon, comma] = [spacing.colon, spacing.comma].map(encodeUtf8)
  const [pad, empty] = [spacing.pad, spacing.empty].map((text = '') => encodeUtf8(text))
  const breaks: Uint8Array[] = []
  const lineBreak = (depth: number): Uint8Array =>
    (breaks[depth] ??= encodeUtf8(newline + indent.repeat(depth)))
  const onLines: boolean[] = []
  let depth = 0
  let out = new Uint8Array(2 * json.length + MARGIN)
  let length = 0

  for (let i = 0; i < json.length; i++) {
    if (length > MAX_BYTES) return undefined
    const byte = json[i] ?? 0
    let end = i
    let before: Uint8Array | undefined
    let after: Uint8Array | undefined
    if (byte === QUOTE) {
      end = stringEnd(json, i)
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      const breaksHere = indent !== '' && !(flatArrays && byte === OPEN_LIST)
      onLines.push(breaksHere)
      if (breaksHere) depth++
      after = json[i + 1] === byte + 2 ? empty : breaksHere ? lineBreak(depth) : pad
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      const breaksHere = onLines.pop()
      if (breaksHere) depth--
      if (json[i - 1] !== byte - 2) before = breaksHere ? lineBreak(depth) : pad
    } else if (byte === COMMA && onLines.at(-1)) after = lineBreak(depth)

    if (out.length - length < end - i + MARGIN) out = grown(out, end - i)
    if (before) for (let k = 0; k < before.length; k++) out[length++] = before[k] ?? 0
    const instead = byte === COLON ? colon : byte === COMMA && !after ? comma : undefined
    if (instead) for (let k = 0; k < instead.length; k++) out[length++] = instead[k] ?? 0
    else for (; i <= end; i++) out[length++] = json[i] ?? 0
    i = end
    if (after) for (let k = 0; k < after.length; k++) out[length++] = after[k] ?? 0
  }
  return out.subarray(0, length)
}

/** The place of the closing quote. */
function stringEnd(json: Uint8Array, start: number): number {
  for (let i = start + 1; i < json.length; i++) {
    if (json[i] === QUOTE) return i
    if (json[i] === BACKSLASH) i++
  }
  return json.length - 1
}

function grown(bytes: Uint8Array, more: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * bytes.length + more)
  larger.set(bytes)
  return larger
}
