// Control and format characters (escape sequences, bidirectional overrides, invisible ones), separators of lines and paragraphs,
// and halves of surrogate pairs. A character of two code units becomes two escapes, so that the result stays valid inside JSON text.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * Makes a stranger's text safe to print on a terminal. Control and bidirectional characters are shown as `\uXXXX`.
 * The result is one line.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escaped)
}

/** The same for text of several lines, such as formatted JSON. Line feeds stay. */
export function printableLines(text: string): string {
  return text.replace(UNPRINTABLE, (char) => (char === '\n' ? char : escaped(char)))
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, i) => {
    const unit = character.charCodeAt(i).toString(16)
    return `\\u${unit.padStart(4, '0')}`
  }).join('')
}
