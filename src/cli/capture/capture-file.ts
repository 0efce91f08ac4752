/** A delivery as it arrived. */
export interface CapturedRequest {
  readonly method: string
  /** The address or only its path, if it is known. */
  readonly url: string
  /** Lines in their order. Names as they were written; a value that is not ASCII has one character per byte. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array
  readonly receivedAt?: Date | undefined
}

/** The JSON text of a capture file. It holds no secret. */
export function printCapture({ receivedAt, method, url, headers, body }: CapturedRequest): string {
  const capture = {
    version: 1,
    receivedAt: (receivedAt ?? new Date()).toISOString(),
    method,
    url,
    headers,
    body: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64'),
  }
  return `${JSON.stringify(capture, null, 2)}\n`
}

/** Is it a capture file, whole or not? */
export function isCapture(value: unknown): boolean {
  const { version, headers, body } = Object(value)
  return version !== undefined && (headers !== undefined || body !== undefined)
}

/** Reads a capture file. Throws a `TypeError` that names the field that is wrong. */
export function parseCapture(value: unknown): CapturedRequest {
  const { version, method, url, headers, body, receivedAt } = Object(value)
  if (version !== 1) {
    throw new TypeError(
      'the capture file has a version that this countersign does not know: it reads version 1',
    )
  }
  return {
    method: typeof method === 'string' ? method : 'POST',
    url: typeof url === 'string' ? url : '/',
    headers: headerPairs(headers),
    body: base64Body(body),
    receivedAt: dateOf(receivedAt),
  }
}

function headerPairs(headers: unknown): [string, string][] {
  if (Array.isArray(headers) && headers.every(isPair)) return headers
  throw new TypeError('"headers" of the capture file must be a list of [name, value] pairs')
}

function isPair(line: unknown): line is [string, string] {
  return Array.isArray(line) && line.length === 2 && line.every((part) => typeof part === 'string')
}

function base64Body(body: unknown): Uint8Array {
  if (typeof body === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(body) && body.length % 4 === 0) {
    return Buffer.from(body, 'base64')
  }
  throw new TypeError('"body" of the capture file must be base64, with its padding')
}

function dateOf(text: unknown): Date | undefined {
  if (text === undefined) return undefined
  const date = new Date(String(text))
  if (!Number.isNaN(date.getTime())) return date
  throw new TypeError('"receivedAt" of the capture file must be a date')
}
