const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  0: '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  v: '\v',
}

/**
 * The words of a shell command: quotes, `$'…'`, backslashes and continued lines. Nothing is run or expanded.
 * Throws a `TypeError` for a quote that is not closed.
 */
export function shellWords(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  // A backslash at the end of a line joins it with the next one; within quotes it means something else.
  for (let at = 0; at < text.length; ) {
    const joined = text.startsWith('\\\n', at) ? 2 : text.startsWith('\\\r\n', at) ? 3 : 0
    at += joined
    if (joined > 0) continue
    const [length, value] = nextPart(text, at)
    if (value === undefined) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + value
    at += length
  }
  return word === undefined ? words : [...words, word]
}

const PART =
  /\s+|\$'((?:[^'\\]|\\[\s\S])*)'|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s\\'"$]+|\$)/y

/** How far one part goes and what it adds to the word; white space ends the word. */
function nextPart(text: string, at: number): [length: number, value: string | undefined] {
  PART.lastIndex = at
  const match = PART.exec(text)
  if (!match) throw new TypeError('the curl command is cut short: a quote is not closed')
  const [all, ansi, single, double, escaped, plain] = match
  if (ansi !== undefined) return [all.length, unescapeAnsi(ansi)]
  if (double !== undefined)
    return [all.length, double.replace(/\\(["\\$`]|\r?\n)/g, unescapeDouble)]
  return [all.length, single ?? escaped ?? plain]
}

function unescapeDouble(_: string, character: string): string {
  return character.endsWith('\n') ? '' : character
}

function unescapeAnsi(text: string): string {
  return text.replace(
    /\\(?:x([\da-fA-F]{1,2})|u([\da-fA-F]{1,4})|U([\da-fA-F]{1,8})|([0-7]{1,3})|([\s\S]))/g,
    (_, hex, short, long, octal, character) => {
      const code = hex ?? short ?? long
      if (code !== undefined)
        return String.fromCodePoint(Math.min(Number.parseInt(code, 16), 0x10ffff))
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255)
      return ESCAPES[character] ?? character
    },
  )
}
