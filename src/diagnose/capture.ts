import { encodeUtf8, viewBytes } from '../base/bytes.js'
import type { HeadersInput, Secret } from '../delivery/types.js'
import type { GivenSecrets } from './secret/given-secrets.js'

/** In bytes. A body up to this size is tried with all changes, a larger body only with the cheaper changes. */
export const SMALL = 16 * 1024

/** A captured delivery. It is read once, so later changes of the caller's objects have no effect. */
export interface Captured extends GivenSecrets {
  readonly body: Uint8Array
  /** `true` if there is no body, because the delivery was refused before its body was read. */
  readonly unread: boolean
  /** `true` if the body was an object. `body` then holds its JSON. */
  readonly parsed: boolean
  /** Names are in lower case, and values are text. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** The sets of header names that a verifier reads, in order. */
  readonly nameSets: readonly (readonly string[])[]
  readonly previous: readonly Secret[]
  /** Seconds since the epoch. */
  readonly now: number
  readonly tolerance: number
  readonly minSecretBytes: number
}

/** All headers if they can be listed, otherwise the headers with a known name. Several lines of one header are joined. */
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

/** The bytes of the body. For anything that is not bytes or text, the bytes of its JSON. */
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
