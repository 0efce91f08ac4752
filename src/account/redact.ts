const SECRET = /wh(?:sec)?_[\w+/=-]+/g

/** A copy without the token and whatever looks like a secret: servers and proxies echo what they were sent, and errors get logged. */
export function redact<T>(value: T, token: string): T {
  return JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
    typeof part === 'string' ? part.replaceAll(token, '[token]').replace(SECRET, '[secret]') : part,
  )
}

/** What is known of a failed connection, without the request that some clients attach to their errors. */
export function plainCause(error: unknown, token: string): Error {
  const { message, cause, code = cause?.code } = Object(error)
  const text = [message, cause?.message].filter((part) => typeof part === 'string').join(': ')
  return Object.assign(new Error(redact(text, token)), typeof code === 'string' && { code })
}
