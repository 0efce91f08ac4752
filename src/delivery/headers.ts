import { malformed, refusal, type WebhookError } from '../base/errors.js'
import type { HeaderNames, HeadersInput } from './types.js'

/** The three headers of a delivery; the signature header is still a list. */
export interface DeliveryHeaders {
  readonly id: string
  /** The text of the header: seconds since the epoch. */
  readonly timestamp: string
  readonly signature: string
}

// Characters that would let the signed content `id.timestamp.body` be split at another place.
const TIMESTAMP_IN_ID = /\.[1-9]\d{8,11}(\.|$)/

type Lines = Iterable<readonly [string, string]>

const PARTS = ['id', 'timestamp', 'signature']

/** The sets of names to try, in order. The first set with any header present counts. */
export function parseHeaderNames(
  option: 'webhook' | 'svix' | HeaderNames | undefined,
): readonly (readonly string[])[] {
  const given: readonly unknown[] = option === undefined ? ['webhook', 'svix'] : [option]
  const sets = given.map((set) =>
    set === 'webhook' || set === 'svix' ? PARTS.map((part) => `${set}-${part}`) : set,
  )
  if (sets.every(isNames)) return sets.map((names) => names.map((name) => name.toLowerCase()))
  throw new TypeError(
    "headers must be 'webhook', 'svix' or three names, for example ['x-id', 'x-timestamp', 'x-signature']",
  )
}

function isNames(set: unknown): set is readonly string[] {
  return (
    Array.isArray(set) && set.length === 3 && set.every((name) => typeof name === 'string' && name)
  )
}

/** Copies the lines of an iterator, because it can be read only once. Returns everything else unchanged. */
export function reusable(headers: HeadersInput): HeadersInput {
  return Object(headers).next?.call ? [...(headers as Lines)] : headers
}

/** Throws `header_missing` or `header_malformed`. */
export function parseHeaders(
  headers: HeadersInput,
  nameSets: readonly (readonly string[])[],
): DeliveryHeaders {
  const lines = reusable(headers)
  let values: (string | undefined)[] = []
  let names: readonly string[] = []
  for (const set of nameSets) {
    const found = readHeaders(lines, set)
    // If no header of any set is present, the message names the first set.
    if (found.length || !names.length) names = set
    values = found
    if (found.length) break
  }
  const [id, timestamp, signature] = values
  if (id === undefined || timestamp === undefined || signature === undefined) {
    throw missing(names.filter((_, i) => values[i] === undefined))
  }
  return {
    id: parseId(single(id, names[0])),
    timestamp: parseTimestamp(single(timestamp, names[1])),
    signature,
  }
}

/**
 * One value per name. Several lines of one name are joined as Node and `Headers` do. Empty if none of the names is present.
 * Checks the shape and not the class. A Map (iterable, no `append`) keeps the case of its keys, so `get` would miss some.
 */
export function readHeaders(input: HeadersInput, names: readonly string[]): (string | undefined)[] {
  const headers: Container = Object(input)
  const values: (string | undefined)[] = []
  const add = (name: unknown, from: Container, key: string | number): void => {
    const index = indexOfName(names, name)
    if (index < 0) return
    const value = from[key] ?? []
    for (const line of Array.isArray(value) ? value : [value]) {
      if (typeof line !== 'string')
        throw malformed(`${names[index]} must be text, not ${typeof line}`)
      values[index] = values[index] === undefined ? line : `${values[index]}, ${line}`
    }
  }

  if (Array.isArray(headers) && typeof headers[0] === 'string') {
    for (let i = 0; i < headers.length; i += 2) add(headers[i], headers, i + 1)
  } else if (headers[Symbol.iterator] && !headers.append) {
    for (const pair of headers) add(pair?.[0], pair, 1)
  } else if (typeof headers.get === 'function') {
    for (const name of names) add(name, [headers.get(name)], 0)
  } else {
    for (const name of Object.keys(headers)) add(name, headers, name)
  }
  return values
}

// biome-ignore lint/suspicious/noExplicitAny: recognized by shape, key by key
type Container = any

// `toLowerCase` is expensive, so it is called only for names whose length can match.
function indexOfName(names: readonly string[], name: unknown): number {
  if (typeof name === 'string') {
    for (let i = 0; i < names.length; i++) {
      const wanted = names[i]
      if (name.length === wanted?.length && (name === wanted || name.toLowerCase() === wanted))
        return i
    }
  }
  return -1
}

/** Equal lines of one header count as one. Different lines are refused, because another program could read another one. */
function single(value: string, name = ''): string {
  if (!value.includes(', ')) return value
  const [first = '', ...others] = value.split(', ')
  if (others.every((other) => other === first)) return first
  throw malformed(`${name} is there twice with different values`)
}

function missing(names: readonly string[]): WebhookError {
  const text = `${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} missing`
  return refusal(
    'header_missing',
    `${text}: is the request from the sender, and do proxies forward its headers?`,
  )
}

/** Checks a `webhook-id`. The receiver and the signer use the same rule. */
export function isId(id: string): boolean {
  return /^[!-~]{1,256}$/.test(id) && !TIMESTAMP_IN_ID.test(id)
}

export const ID_RULE =
  'webhook-id must be 1 to 256 visible ASCII characters, with no timestamp between dots'

function parseId(id: string): string {
  if (isId(id)) return id
  throw malformed(ID_RULE)
}

function parseTimestamp(text: string): string {
  if (/^(0|[1-9]\d*)$/.test(text) && text.length !== 13) return text
  throw malformed(
    /^[1-9]\d{12}$/.test(text)
      ? 'webhook-timestamp is in milliseconds (13 digits); send seconds'
      : 'webhook-timestamp must be seconds since the epoch, in digits only',
  )
}
