/** A whole number between two bounds, or the default. */
export function wholeNumber(
  option: string,
  text: string | undefined,
  { min, max, byDefault }: { min: number; max: number; byDefault: number },
): number {
  if (text === undefined) return byDefault
  const value = Number(text)
  if (/^\d{1,15}$/.test(text) && value >= min && value <= max) return value
  throw new TypeError(`--${option} must be a whole number from ${min} to ${max}`)
}

/** Seconds, fractions allowed, or nothing if the option is not given. */
export function seconds(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,10}(\.\d{1,9})?$/.test(text)) return Number(text)
  throw new TypeError(`--${option} must be a number of seconds, such as 300`)
}

/** A time: seconds since the epoch, or text that `Date` can read. */
export function time(option: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const value = new Date(/^\d{9,11}$/.test(text) ? Number(text) * 1000 : text)
  if (!Number.isNaN(value.getTime())) return value
  throw new TypeError(
    `--${option} must be seconds since the epoch or a date such as 2026-01-31T12:00:00Z`,
  )
}

/** An http(s) address. Throws a `TypeError` that does not repeat it, since it may hold a password. */
export function httpUrl(name: string, text: string | undefined): URL {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol)) return withoutUser(name, url)
  const looksLikeHost = text !== undefined && /^(localhost|[\w.-]+):\d+/.test(text)
  throw new TypeError(
    `${name} must be an http or https address, such as http://localhost:3000/webhooks${looksLikeHost ? ' (the http:// is missing)' : ''}`,
  )
}

function withoutUser(name: string, url: URL): URL {
  if (url.username === '' && url.password === '') return url
  throw new TypeError(`${name} must not hold a user or a password`)
}
