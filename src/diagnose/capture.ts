import { encodeUtf8, viewBytes } from '../base/bytes.js'
import type { HeadersInput, Secret } from '../delivery/types.js'
import type { GivenSecrets } from './secret/given-secrets.js'

/** Up to this many bytes a body is tried with all changes; above, with fewer and cheaper ones. */
export const SMALL = 16 * 1024

/** A delivery as it was captured, snapshot once. */
export interface Captured extends GivenSecrets {
  readonly body: Uint8Array
  /** There is no body: the delivery was refused before it was read. */
  readonly unread: boolean
  /** The body was an object, and `body` is what it serialises to. */
  readonly parsed: boolean
  /** Names in lower case, values as text. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Sets of header names to read, in order. */
  readonly nameSets: readonly (readonly string[])[]
  readonly previous: readonly Secret[]
  /** Seconds since the epoch. */
  readonly now: number
  readonly tolerance: number
  readonly minBytes: number
}

/** All headers, if they can be listed; those with a known name if only `get` is offered. Lines of one name are joined. */
export function listHeaders(headers: HeadersInput, known: readonly string[]): [string, string][] {
  const joined = new Map<string, string>()
  for (const [name, value] of entries(headers, known)) {
    if (value === undefined || value === null) continue
    const key = String(name).toLowerCase()
    const text = Array.isArray(value) ? value.join(', ') : String(value)
    joined.set(key, joined.has(key) ? `${joined.get(key)}, ${text}` : text)
  }
  return [...joined]
}

function entries(headers: HeadersInput, known: readonly string[]): (readonly [unknown, unknown])[] {
  if (typeof headers !== 'object' || headers === null) return []
  if (Array.isArray(headers) && typeof headers[0] === 'string') {
    return headers.flatMap((name, i) => (i % 2 === 0 ? [[name, headers[i + 1]] as const] : []))
  }
  if (Symbol.iterator in headers) return [...(headers as Iterable<readonly [string, string]>)]
  if ('get' in headers && typeof headers.get === 'function') {
    const { get } = headers
    return known.map((name) => [name, get.call(headers, name)] as const)
  }
  return Object.entries(headers)
}

/** Bytes, and for anything else what it would have been serialised to. */
export function captureBody(body: unknown): Pick<Captured, 'body' | 'parsed' | 'unread'> {
  const unread = body === undefined
  const bytes = typeof body === 'string' ? encodeUtf8(body) : viewBytes(body)
  if (bytes || unread || body === null) {
    return { body: bytes ?? new Uint8Array(0), parsed: false, unread }
  }
  return { body: encodeUtf8(JSON.stringify(body) ?? ''), parsed: true, unread }
}

export function headerValue(captured: Captured, name: string): string | undefined {
  return captured.headers.find(([other]) => other === name)?.[1]
}
