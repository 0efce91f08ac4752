/** How a serialiser sets white space between the tokens of a JSON text. */
export interface Spacing {
  readonly text: string
  readonly indent: string
  readonly colon: string
  /** Where no line ends behind it. */
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
  {
    text: 'pretty-printed with arrays on one line (Jackson)',
    ...TWO,
    colon: ' : ',
    pad: ' ',
    empty: ' ',
    flatArrays: true,
  },
  { text: 'pretty-printed with 1 space', ...TWO, indent: ' ' },
  { text: 'pretty-printed with 3 spaces', ...TWO, indent: '   ' },
]

// What is nested deep and indented would grow without measure.
const MAX_CHARS = 8 * 1024 * 1024

/** Tokens (no white space among them) as text; `undefined` where that would be too long. */
export function layOut(tokens: readonly string[], spacing: Spacing): string | undefined {
  const { empty = '', indent, flatArrays, pad = '' } = spacing
  const breaks = lineBreaks(spacing)
  const open: boolean[] = []
  const parts: string[] = []
  let depth = 0
  let length = 0

  for (const [i, token] of tokens.entries()) {
    const next = tokens[i + 1]
    let after = token === ':' ? spacing.colon : token
    if (token === '{' || token === '[') {
      open.push(indent !== '' && !(flatArrays && token === '['))
      if (open.at(-1)) depth += 1
      after = token + (isClosing(next) ? empty : open.at(-1) ? breaks(depth) : pad)
    } else if (token === ',') after = open.at(-1) ? `,${breaks(depth)}` : spacing.comma
    if (isClosing(next)) {
      const onLines = open.pop()
      if (onLines) depth -= 1
      if (token !== '{' && token !== '[') after += onLines ? breaks(depth) : pad
    }
    parts.push(after)
    length += after.length
    if (length > MAX_CHARS) return undefined
  }
  return parts.join('')
}

function isClosing(token: string | undefined): boolean {
  return token === '}' || token === ']'
}

/** The end of a line and what stands before the next, by depth. */
function lineBreaks({ indent, newline = '\n' }: Spacing): (depth: number) => string {
  const known: string[] = []
  return (depth) => {
    known[depth] ??= newline + indent.repeat(depth)
    return known[depth] ?? ''
  }
}
