const SECRET = /wh(s[eck]+)?_[\w+/=-]+/g

function clean(text: string, token: string): string {
  return text.replaceAll(token, '[token]').replace(SECRET, '[secret]')
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

/** What is known of a failed connection, without the request that some clients attach to their errors. */
export function plainCause(error: unknown, token: string): Error {
  const { message, cause, code = cause?.code } = Object(error)
  const text = [message, cause?.message].filter((part) => typeof part === 'string').join(': ')
  const plain = new Error(clean(text, token))
  return typeof code === 'string' ? Object.assign(plain, { code: clean(code, token) }) : plain
}
