const SECRET = /wh(s[eck]+)?_[\w+/=-]+/g

function clean(text: string, token: string): string {
  return (token ? text.replaceAll(token, '[token]') : text).replace(SECRET, '[secret]')
}

/** google.rpc.Status has only a few levels. Deeper values can overflow the stack of programs that print or copy an error. */
const MAX_DEPTH = 64

/** Throws for JSON that is nested deeper than {@link MAX_DEPTH}. */
function assertShallow(json: string): void {
  let depth = 0
  for (const [bracket] of json.replace(/"(?:[^"\\]|\\.)*"/g, '').matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1
    if (depth > MAX_DEPTH) throw new RangeError('the answer is nested too deeply')
  }
}

/**
 * A copy without the token and without texts that look like a secret, because servers echo what they received and errors are logged.
 * Throws if no valid JSON is left (for example, the token is part of a number), and for values that are nested too deeply.
 */
export function redact<T>(value: T, token: string): T {
  const json = JSON.stringify(value)
  assertShallow(json)
  return JSON.parse(clean(json, JSON.stringify(token).slice(1, -1)))
}

/** Plain words, short numbers (a status, a port), error codes of platforms, and the placeholder that {@link clean} inserts. */
const HARMLESS =
  /^[("]*([A-Za-z]?[a-z]{0,19}|[A-Z]{1,4}|E[A-Z]{2,18}|[A-Z]+(_[A-Z]+)+|\d{1,5}|\[(token|secret)\])[.,:;!?)"]*$/
const NAME = /^[A-Za-z]{0,40}(Error|Exception)$/
const CODE = /^[A-Z][A-Z_]{2,40}$|^\d[0-9A-Z]{4}$/

interface PlainError extends Error {
  readonly code?: string
  readonly status?: number
}

/** A message may quote a JSON text or a header, and so a secret. */
function harmlessWords(message: unknown, token: string): string {
  if (typeof message !== 'string') return ''
  // Shortened, because the next step checks every word.
  const text = clean(message.slice(0, 1_000), token)
    .replace(/"[^"]*"|`[^`]*`|(^|[\s(])'[^']*'/g, '$1…')
    .trim()
  return text
    .split(/\s+/)
    .map((word) => (HARMLESS.test(word) ? word : '…'))
    .join(' ')
    .replace(/…( …)+/g, '…')
}

/**
 * The parts of a foreign error that cannot hold a secret or a token: its name, code, status, stack frames and the plain words of its message,
 * and the same parts of its cause. Other properties, such as the request of an HTTP client, are left out.
 */
export function plainCause(error: unknown, token = ''): PlainError {
  const { name, message, cause, stack, code = Object(cause).code, status } = Object(error)
  const words = [message, Object(cause).message].map((part) => harmlessWords(part, token))
  const plain = new Error(words.filter(Boolean).join(': '))
  if (typeof name === 'string' && NAME.test(name)) plain.name = name
  const frames = String(stack ?? '').match(/^ +at .*$/gm) ?? []
  plain.stack = clean([`${plain.name}: ${plain.message}`, ...frames].join('\n'), token)
  if (typeof code === 'string' && CODE.test(code)) Object.assign(plain, { code })
  if (typeof status === 'number') Object.assign(plain, { status })
  return plain
}

/** The name and code of a foreign error, in brackets, for a message. Its own words may hold anything. */
export function namesOf(cause: PlainError | undefined): string {
  if (!cause) return ''
  const { name, code } = cause
  return ` (${code ? `${name} ${code}` : name})`
}
