import { encodeUtf8, viewBytes } from '../base/bytes.js'
import type { HeadersInput, Secret } from '../delivery/types.js'

/** Up to this many bytes a body is tried with all changes; above, with fewer and cheaper ones. */
export const SMALL = 16 * 1024

/** A delivery as it was captured, snapshot once. */
export interface Captured {
  readonly body: Uint8Array
  /** The body was an object, and `body` is what it serialises to. */
  readonly parsed: boolean
  /** Names in lower case, values as text. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** The secrets believed in, the first one first. */
  readonly secrets: readonly Secret[]
  readonly previous: readonly Secret[]
  /** Seconds since the epoch. */
  readonly now: number
  readonly tolerance: number
}

const KNOWN = ['id', 'timestamp', 'signature'].flatMap((name) => [
  `webhook-${name}`,
  `svix-${name}`,
])

/** All headers, where they can be listed; those of the standard where only `get` is offered. Lines of one name are joined. */
export function listHeaders(headers: HeadersInput): [string, string][] {
  const joined = new Map<string, string>()
  for (const [name, value] of entries(headers)) {
    if (value === undefined || value === null) continue
    const key = String(name).toLowerCase()
    const text = Array.isArray(value) ? value.join(', ') : String(value)
    joined.set(key, joined.has(key) ? `${joined.get(key)}, ${text}` : text)
  }
  return [...joined]
}

function entries(headers: HeadersInput): (readonly [unknown, unknown])[] {
  if (typeof headers !== 'object' || headers === null) return []
  if (Array.isArray(headers) && typeof headers[0] === 'string') {
    return headers.flatMap((name, i) => (i % 2 === 0 ? [[name, headers[i + 1]] as const] : []))
  }
  if (Symbol.iterator in headers) return [...(headers as Iterable<readonly [string, string]>)]
  if ('get' in headers && typeof headers.get === 'function') {
    const { get } = headers
    return KNOWN.map((name) => [name, get.call(headers, name)] as const)
  }
  return Object.entries(headers)
}

/** Bytes, and for anything else what it would have been serialised to. */
export function captureBody(body: unknown): Pick<Captured, 'body' | 'parsed'> {
  const bytes = typeof body === 'string' ? encodeUtf8(body) : viewBytes(body)
  if (bytes) return { body: bytes, parsed: false }
  return {
    body: encodeUtf8(JSON.stringify(body) ?? ''),
    parsed: body !== undefined && body !== null,
  }
}

export function headerValue(captured: Captured, name: string): string | undefined {
  return captured.headers.find(([other]) => other === name)?.[1]
}
