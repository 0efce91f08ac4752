// Control and format characters (escape sequences, bidirectional overrides, invisible ones), separators of lines and paragraphs,
// and halves of surrogate pairs. Of two code units each is escaped, so that the result stays valid inside JSON text.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * Text that a stranger sent, safe to print on a terminal: control and bidirectional characters are shown as `\uXXXX`.
 * The result is one line.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escaped)
}

/** The same for text of several lines, such as formatted JSON: line feeds stay. */
export function printableLines(text: string): string {
  return text.replace(UNPRINTABLE, (char) => (char === '\n' ? char : escaped(char)))
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, i) => {
    const unit = character.charCodeAt(i).toString(16)
    return `\\u${unit.padStart(4, '0')}`
  }).join('')
}
