import type { VerifierOptions } from '../../src/delivery/types.js'

/** How a secret is written in a file: text, bytes in base64, or the form with an encoding. */
export type StoredSecret =
  | string
  | { readonly bytes: string }
  | { readonly value: string; readonly encoding: string }

export type HeaderShape =
  | 'record'
  | 'null-prototype'
  | 'arrays'
  | 'Headers'
  | 'Map'
  | 'get'
  | 'pairs'
  | 'raw'

export type BodyKind =
  | 'string'
  | 'buffer'
  | 'offset'
  | 'arraybuffer'
  | 'dataview'
  | 'realm'
  | 'parsed'

/** A delivery with its known right answer, as `deliveries.json` stores it. */
export interface StoredDelivery {
  readonly name: string
  readonly secret: StoredSecret | readonly StoredSecret[]
  readonly options?: Pick<VerifierOptions, 'tolerance' | 'headers' | 'parse' | 'minSecretBytes'>
  /** The clock in milliseconds. */
  readonly now: number
  readonly shape: HeaderShape
  /** `null` stands for `undefined`. */
  readonly lines: readonly (readonly [name: string, value: string | null])[]
  readonly kind: BodyKind
  /** Base64, or the JSON of a parsed body. */
  readonly body: string
  /** `accepted`, the code of the refusal, or `TypeError` if creating the verifier must fail. */
  readonly answer: string
  readonly payload?: unknown
}

type Lines = StoredDelivery['lines']

/** The secret as a user hands it in. */
export function toSecret(stored: StoredDelivery['secret']): unknown {
  if (Array.isArray(stored)) return stored.map((one) => toSecret(one))
  return typeof stored === 'object' && 'bytes' in stored
    ? new Uint8Array(decode(stored.bytes))
    : stored
}

/** The same header lines in every container a runtime or a framework may hand over. */
export const headerShapes: Record<HeaderShape, (lines: Lines) => unknown> = {
  record: (lines) => Object.fromEntries(lines.map(([name, value]) => [name, value ?? undefined])),
  'null-prototype': (lines) => Object.assign(Object.create(null), Object.fromEntries(lines)),
  arrays: grouped,
  Headers: (lines) => new Headers(lines as [string, string][]),
  Map: (lines) => new Map(lines),
  get: (lines) => {
    const headers = new Headers(lines as [string, string][])
    return { get: (name: string) => headers.get(name) }
  },
  pairs: (lines) => lines,
  raw: (lines) => lines.flat(),
}

function grouped(lines: Lines): Record<string, string[]> {
  const record: Record<string, string[]> = {}
  for (const [name, value] of lines) {
    const values = record[name] ?? []
    record[name] = value === null ? values : [...values, value]
  }
  return record
}

/** The body in every form; `realm` is what bytes of another realm look like and comes from the runner. */
export function toBody(kind: BodyKind, body: string, otherRealm: () => Uint8Array): unknown {
  if (kind === 'parsed') return JSON.parse(body)
  const bytes = decode(body)
  if (kind === 'string') return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  if (kind === 'arraybuffer') return bytes.buffer
  if (kind === 'dataview') return new DataView(bytes.buffer)
  if (kind === 'buffer') return typeof Buffer === 'undefined' ? bytes : Buffer.from(bytes)
  if (kind === 'realm') return fill(otherRealm(), bytes)
  return offset(bytes)
}

/** A view into the middle of a larger buffer, as Node's small Buffers are. */
function offset(bytes: Uint8Array): Uint8Array {
  const around = new Uint8Array(bytes.length + 14).fill(0xff)
  around.set(bytes, 7)
  return around.subarray(7, 7 + bytes.length)
}

function fill(room: Uint8Array, bytes: Uint8Array): Uint8Array {
  room.set(bytes)
  return room.subarray(0, bytes.length)
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
}
