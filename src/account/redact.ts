const SECRET = /wh(s[eck]+)?_[\w+/=-]+/g

function clean(text: string, token: string): string {
  return text.replaceAll(token, '[token]').replace(SECRET, '[secret]')
}

/**
 * A copy without the token and whatever looks like a secret: servers and proxies echo what they were sent, and errors get logged.
 * Throws where nothing sensible is left (a token that is a number's digits, say).
 */
export function redact<T>(value: T, token: string): T {
  return JSON.parse(clean(JSON.stringify(value), JSON.stringify(token).slice(1, -1)))
}

/** What is known of a failed connection, without the request that some clients attach to their errors. */
export function plainCause(error: unknown, token: string): Error {
  const { message, cause, code = cause?.code } = Object(error)
  const text = [message, cause?.message].filter((part) => typeof part === 'string').join(': ')
  const plain = new Error(clean(text, token))
  return typeof code === 'string' ? Object.assign(plain, { code: clean(code, token) }) : plain
}
