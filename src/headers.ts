import { malformed, WebhookError } from './errors.js'
import type { HeaderNames, HeadersInput } from './types.js'

/** The three headers of a delivery; the signature header is still a list. */
export interface DeliveryHeaders {
  readonly id: string
  /** As it was written: seconds since the epoch. */
  readonly timestamp: string
  readonly signature: string
}

// What would let the signed content `id.timestamp.body` be cut at another place.
const TIMESTAMP_IN_ID = /\.[1-9]\d{8,11}(\.|$)/

/** Which names to try, in order: the first set with any header there is the one that counts. */
export function parseHeaderNames(
  option: 'webhook' | 'svix' | HeaderNames | undefined,
): readonly (readonly string[])[] {
  if (option === undefined) return [namesOf('webhook'), namesOf('svix')]
  if (option === 'webhook' || option === 'svix') return [namesOf(option)]
  if (
    Array.isArray(option) &&
    option.length === 3 &&
    option.every((name) => name && typeof name === 'string')
  ) {
    return [option.map((name) => name.toLowerCase())]
  }
  throw new TypeError("headers must be 'webhook', 'svix' or three names")
}

function namesOf(prefix: string): readonly string[] {
  return ['id', 'timestamp', 'signature'].map((name) => `${prefix}-${name}`)
}

/** Throws `header_missing` or `header_malformed`. */
export function parseHeaders(
  headers: HeadersInput,
  nameSets: readonly (readonly string[])[],
): DeliveryHeaders {
  for (const names of nameSets) {
    const values = readHeaders(headers, names)
    if (values.length === 0) continue
    const [id, timestamp, signature] = names.map((name, index) => {
      const value = values[index]
      if (value === undefined) throw missing(name)
      return index < 2 ? single(value) : value
    }) as [string, string, string]
    assertId(id)
    assertTimestamp(timestamp)
    return { id, timestamp, signature }
  }
  throw missing(nameSets[0]?.[0])
}

/**
 * One value per name; several lines of one name are joined as Node and `Headers` join them. Empty where none of the names is there.
 * Shape decides, never the class: a Map (iterable, no append) keeps the case of its keys, so `get` would miss some.
 */
export function readHeaders(
  headers: HeadersInput,
  names: readonly string[],
): (string | undefined)[] {
  const values: (string | undefined)[] = []
  const add = (name: unknown, value: unknown): void => {
    const index = names.indexOf(String(name).toLowerCase())
    if (index < 0 || value === undefined || value === null) return
    for (const line of Array.isArray(value) ? value : [value]) {
      if (typeof line !== 'string') throw malformed('a header is not text')
      values[index] = values[index] === undefined ? line : `${values[index]}, ${line}`
    }
  }
  if (typeof headers !== 'object' || headers === null) return values
  if (Array.isArray(headers) && typeof headers[0] === 'string') {
    for (let i = 0; i < headers.length; i += 2) add(headers[i], headers[i + 1])
  } else if (Symbol.iterator in headers && !('append' in headers)) {
    for (const pair of headers as Iterable<readonly string[]>) add(pair?.[0], pair?.[1])
  } else if ('get' in headers && typeof headers.get === 'function') {
    for (const name of names) add(name, headers.get(name))
  } else {
    for (const name of Object.keys(headers)) add(name, (headers as Record<string, string>)[name])
  }
  return values
}

/** Equal lines of one header count as one; different ones could be read differently elsewhere. */
function single(value: string): string {
  const lines = value.split(', ')
  const first = lines[0] ?? ''
  if (lines.every((line) => line === first)) return first
  throw malformed('two different ids or timestamps')
}

/** What is wrong with a `webhook-id`, for the receiver and for the signer. */
export function idProblem(id: string): string | undefined {
  if (!/^[!-~]{1,256}$/.test(id)) return 'the id is not 1 to 256 visible ASCII characters'
  return TIMESTAMP_IN_ID.test(id) ? 'the id holds a timestamp between dots' : undefined
}

function assertId(id: string): void {
  const problem = idProblem(id)
  if (problem) throw malformed(problem)
}

function assertTimestamp(text: string): void {
  if (!/^(0|[1-9]\d*)$/.test(text)) throw malformed('the timestamp is not decimal digits')
  if (text.length === 13) throw malformed('the timestamp looks like milliseconds, not seconds')
}

function missing(name: string | undefined): WebhookError {
  return new WebhookError('header_missing', `no ${name} header`)
}
