import { malformed, refusal, type WebhookError } from '../base/errors.js'
import { readHeaders, reusable } from './read-headers.js'
import { parseTimestamp } from './timestamp.js'
import type { HeaderNames, HeadersInput } from './types.js'
import { parseId } from './webhook-id.js'

/** The three headers of a delivery; the signature header is still a list. */
export interface DeliveryHeaders {
  readonly id: string
  /** The text of the header: seconds since the epoch. */
  readonly timestamp: string
  readonly signature: string
}

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

/** Throws `header_missing` or `header_malformed`. */
export function parseHeaders(
  headers: HeadersInput,
  nameSets: readonly (readonly string[])[],
): DeliveryHeaders {
  const lines = reusable(headers)
  let [id, timestamp, signature]: readonly (string | undefined)[] = []
  // If no header of any set is present, the message names the first set.
  let [names = []] = nameSets
  for (const set of nameSets) {
    ;[id, timestamp, signature] = readHeaders(lines, set)
    if ((id ?? timestamp ?? signature) === undefined) continue
    names = set
    break
  }
  if (id === undefined || timestamp === undefined || signature === undefined) {
    throw missing(names.filter((_, i) => [id, timestamp, signature][i] === undefined))
  }
  return {
    id: parseId(single(id, names[0])),
    timestamp: parseTimestamp(single(timestamp, names[1])),
    signature,
  }
}

/** Equal lines of one header count as one. Different lines are refused, because another program could read another one. */
function single(value: string, name: string | undefined): string {
  if (!value.includes(', ')) return value
  const [first = '', other] = new Set(value.split(', '))
  if (other === undefined) return first
  throw malformed(`${name} is there twice with different values`)
}

function missing(names: readonly string[]): WebhookError {
  const are = names.length > 1 ? 'are' : 'is'
  return refusal(
    'header_missing',
    `${names.join(', ')} ${are} missing: is the request from the sender, and do proxies forward its headers?`,
  )
}
