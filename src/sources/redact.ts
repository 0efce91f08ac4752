const SECRET = /wh(s[eck]+)?_[\w+/=-]+/g

function clean(text: string, token: string): string {
  return (token ? text.replaceAll(token, '[token]') : text).replace(SECRET, '[secret]')
}

/** google.rpc.Status is a few levels deep. Deeper values make programs overflow that print or copy an error. */
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
 * A copy without the token and whatever looks like a secret: servers and proxies echo what they were sent, and errors get logged.
 * Throws if nothing sensible is left (the token is the digits of a number, say), and for values that are nested too deeply.
 */
export function redact<T>(value: T, token: string): T {
  const json = JSON.stringify(value)
  assertShallow(json)
  return JSON.parse(clean(json, JSON.stringify(token).slice(1, -1)))
}

/** Plain words, short numbers (a status, a port), codes as platforms write them, and what {@link clean} has put in. */
const HARMLESS =
  /^[("]*([A-Za-z]?[a-z]{0,19}|[A-Z]{1,4}|E[A-Z]{2,18}|[A-Z]+(_[A-Z]+)+|\d{1,5}|\[(token|secret)\])[.,:;!?)"]*$/
const NAME = /^[A-Za-z]{0,40}(Error|Exception)$/
const CODE = /^[A-Z][A-Z_]{2,40}$|^\d[0-9A-Z]{4}$/

/** The errors made here, which need no second look. */
const plainErrors = new WeakSet<object>()

/** A message may quote what it is about, a JSON text or a header, and so a secret. */
function harmlessWords(message: unknown, token: string): string {
  if (typeof message !== 'string') return ''
  // Bounded, for the next step is done word by word.
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
 * What somebody else's error says that cannot hold a secret or a token: its name, code, status, place in the code and the plain words of its message,
 * and those of its cause. Nothing that hangs on it, such as the request of an HTTP client.
 */
export function plainCause(error: unknown, token = ''): Error {
  if (error instanceof Error && plainErrors.has(error)) return error
  const { name, message, cause, stack, code = Object(cause).code, status } = Object(error)
  const words = [message, Object(cause).message].map((part) => harmlessWords(part, token))
  const plain = new Error(words.filter(Boolean).join(': '))
  if (typeof name === 'string' && NAME.test(name)) plain.name = name
  const frames = String(stack ?? '').match(/^ +at .*$/gm) ?? []
  plain.stack = clean([`${plain.name}: ${plain.message}`, ...frames].join('\n'), token)
  if (typeof code === 'string' && CODE.test(code)) Object.assign(plain, { code })
  if (typeof status === 'number') Object.assign(plain, { status })
  plainErrors.add(plain)
  return plain
}
