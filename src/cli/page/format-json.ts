/** Levels that are indented. A body of brackets alone would else grow with the square of its length. */
const MAX_INDENT = 30

const TOKEN = /"(?:[^"\\]|\\[\s\S])*"|[{}[\],:]|[^\s"{}[\],:]+/g

/**
 * JSON text with line breaks and indentation. Only white space changes: numbers, escapes, doubled members and their order stay as they
 * were sent, which parsing and serialising would not leave alone. `undefined` if it is not JSON.
 */
export function formatJson(text: string): string | undefined {
  if (!isJson(text)) return undefined
  const parts: string[] = []
  let depth = 0
  let last = ''
  const lineBreak = (): string => `\n${'  '.repeat(Math.min(depth, MAX_INDENT))}`
  for (const [token] of text.matchAll(TOKEN)) {
    const isClosing = token === '}' || token === ']'
    if (isClosing) depth--
    const isFirst = last === '{' || last === '['
    if (isClosing ? !isFirst : isFirst || last === ',') parts.push(lineBreak())
    parts.push(token === ':' ? ': ' : token)
    if (token === '{' || token === '[') depth++
    last = token
  }
  return parts.join('')
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
