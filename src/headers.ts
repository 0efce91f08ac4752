import { WebhookError } from './errors.js'
import type { HeaderNames, HeadersInput } from './types.js'

/** The three headers of a delivery; the signature header is still a list. */
export interface DeliveryHeaders {
  readonly id: string
  /** Seconds since the epoch, and as it was written. */
  readonly timestamp: number
  readonly timestampText: string
  readonly signature: string
}

const WEBHOOK: HeaderNames = ['webhook-id', 'webhook-timestamp', 'webhook-signature']
const SVIX: HeaderNames = ['svix-id', 'svix-timestamp', 'svix-signature']

// What would let the signed content `id.timestamp.body` be cut at another place.
const TIMESTAMP_IN_ID = /\.[1-9]\d{8,11}(?:\.|$)/

/** Which names to try, in order: the first set with any header there is the one that counts. */
export function parseHeaderNames(
  option: 'webhook' | 'svix' | HeaderNames | undefined,
): readonly HeaderNames[] {
  if (option === undefined) return [WEBHOOK, SVIX]
  if (option === 'webhook') return [WEBHOOK]
  if (option === 'svix') return [SVIX]
  if (!Array.isArray(option) || option.length !== 3 || !option.every(isName)) {
    throw new TypeError(
      "headers must be 'webhook', 'svix' or three names: [id, timestamp, signature]",
    )
  }
  const [id, timestamp, signature] = option.map((name) => name.toLowerCase())
  return [[id, timestamp, signature] as unknown as HeaderNames]
}

function isName(name: unknown): boolean {
  return typeof name === 'string' && name.length > 0
}

/** Throws `header_missing` or `header_malformed`. */
export function parseHeaders(
  headers: HeadersInput,
  nameSets: readonly HeaderNames[],
): DeliveryHeaders {
  let names = nameSets[0] as HeaderNames
  let values: Values = []
  for (names of nameSets) {
    values = readValues(headers, names)
    if (values.length > 0) break
  }
  const [id, timestampText, signature] = values
  if (id === undefined) throw missing(names[0])
  if (timestampText === undefined) throw missing(names[1])
  if (signature === undefined) throw missing(names[2])
  const timestamp = single(timestampText)
  return {
    id: parseId(single(id)),
    timestamp: parseTimestamp(timestamp),
    timestampText: timestamp,
    signature,
  }
}

/** One value per name; several lines of one name are joined as Node and `Headers` join them. Empty where none of the names is there. */
type Values = (string | undefined)[]

function readValues(headers: HeadersInput, names: readonly string[]): Values {
  const values: Values = []
  const add = (name: unknown, value: unknown): void => {
    if (typeof name !== 'string' || value === undefined || value === null) return
    const index = names.indexOf(name.toLowerCase())
    if (index < 0) return
    const text = Array.isArray(value) ? value.join(', ') : value
    if (typeof text !== 'string') throw malformed('a header value is not a string')
    if (Array.isArray(value) && value.length === 0) return
    values[index] = values[index] === undefined ? text : `${values[index]}, ${text}`
  }
  visit(headers, names, add)
  return values
}

// Shape decides, never the class: a Map (iterable, no append) keeps the case of its keys, so `get` would miss some.
function visit(
  headers: HeadersInput,
  names: readonly string[],
  add: (name: unknown, value: unknown) => void,
): void {
  if (typeof headers !== 'object' || headers === null) return
  if (Array.isArray(headers) && typeof headers[0] === 'string') {
    for (let i = 0; i < headers.length; i += 2) add(headers[i], headers[i + 1])
  } else if (Symbol.iterator in headers && !('append' in headers)) {
    for (const pair of headers as Iterable<readonly string[]>) add(pair?.[0], pair?.[1])
  } else if ('get' in headers && typeof headers.get === 'function') {
    for (const name of names) add(name, headers.get(name))
  } else {
    for (const name of Object.keys(headers)) add(name, (headers as Record<string, string>)[name])
  }
}

/** The value of any one header. */
export function readHeader(headers: HeadersInput, name: string): string | undefined {
  return readValues(headers, [name])[0]
}

/** Equal lines of one header count as one; different ones could be read differently elsewhere. */
function single(value: string): string {
  if (!value.includes(', ')) return value
  const [first = '', ...rest] = value.split(', ')
  if (rest.some((other) => other !== first)) {
    throw malformed('the id or timestamp header is there twice, with different values')
  }
  return first
}

function parseId(id: string): string {
  const problem = idProblem(id)
  if (problem) throw malformed(problem)
  return id
}

/** What is wrong with a `webhook-id`, for the receiver and for the signer. */
export function idProblem(id: string): string | undefined {
  if (!/^[!-~]{1,256}$/.test(id)) return 'the id must be 1 to 256 visible ASCII characters'
  if (TIMESTAMP_IN_ID.test(id)) return 'the id contains what reads as a timestamp between dots'
  return undefined
}

function parseTimestamp(text: string): number {
  if (!/^(?:0|[1-9]\d*)$/.test(text)) {
    throw malformed('the timestamp must be seconds since the epoch, in decimal digits only')
  }
  if (text.length === 13) {
    throw malformed(
      'the timestamp has 13 digits: it looks like milliseconds, the standard asks for seconds',
    )
  }
  return Number(text)
}

function missing(name: string): WebhookError {
  return new WebhookError('header_missing', `the ${name} header is missing`)
}

function malformed(message: string): WebhookError {
  return new WebhookError('header_malformed', message)
}
