import { printableLines } from '../../base/printable.js'

/** Text as lines of at most so many characters, control and bidirectional characters shown as escapes. */
export function textLines(text: string, columns: number): string[] {
  const safe = text
    .split('\t')
    .map((part) => printableLines(part))
    .join('    ')
  return safe.split('\n').flatMap((line) => pieces(line, columns))
}

function pieces(line: string, columns: number): string[] {
  if (line.length <= columns) return [line]
  const all: string[] = []
  for (let at = 0; at < line.length; ) {
    // Not between the halves of one character.
    const isHalf = /[\ud800-\udbff]/.test(line[at + columns - 1] ?? '')
    const end = at + columns - (isHalf ? 1 : 0)
    all.push(line.slice(at, end))
    at = end
  }
  return all
}

/** One row of a hex dump: offset, 16 bytes (8 on a narrow screen), and what of them is ASCII. */
export function hexLine(bytes: Uint8Array, row: number, width: number): string {
  const part = [...bytes.subarray(row * width, (row + 1) * width)]
  const offset = (row * width).toString(16).padStart(6, '0')
  const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  const text = part.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '.'))
  return `${offset}  ${hex.padEnd(width * 3 - 1)}  ${text.join('')}`
}

/** The text of a body, `undefined` if its bytes are no text. */
export function decodeBody(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
