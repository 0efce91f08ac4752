import type { Awaitable } from '../base/awaitable.js'
import { isWebhookError } from '../base/errors.js'
import { isChunks, readChunks } from '../base/read-chunks.js'
import { bodyBrokenOff, bodyTooLarge, bodyUnavailable } from '../delivery/body.js'
import type { HeadersInput } from '../delivery/types.js'
import { contentLength } from './content-length.js'
import { textBytes } from './text-body.js'

const READ = 'other code already read the request body: verify before it, or let it read a clone'

/**
 * The bytes of a fetch `Request`, at most `maxBytes`, counted as they arrive.
 * Throws `body_too_large`, or `body_unavailable` if the stream has been read or breaks off.
 */
export async function readWebBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const { body, headers } = request
  if (request.bodyUsed || body?.locked) {
    throw bodyUnavailable(READ)
  }
  const length = contentLength(headers.get('content-length'))
  if (length !== undefined && length > maxBytes) throw bodyTooLarge(maxBytes)
  const bytes = await bytesOf(request, maxBytes, length).catch((error: unknown) => {
    throw isWebhookError(error) ? error : bodyBrokenOff(error)
  })
  if (bytes && bytes.length <= maxBytes) return bytes
  throw bodyTooLarge(maxBytes)
}

/** In polyfills and mocks, the body is a Node stream or is hidden. */
async function bytesOf(
  request: Request,
  maxBytes: number,
  length: number | undefined,
): Promise<Uint8Array | undefined> {
  const { body } = request
  if (isChunks(body)) return readChunks(body, maxBytes, length)
  return body === null ? new Uint8Array(0) : new Uint8Array(await request.arrayBuffer())
}

/** What a framework keeps of a fetch `Request` whose body has been read. A parsed body never counts. */
export interface KeptBody {
  readonly arrayBuffer?: Awaitable<ArrayBuffer> | undefined
  readonly blob?: Awaitable<Blob> | undefined
  readonly text?: Awaitable<string> | undefined
}

/** Facts about a request whose body has been read. */
export interface KeptOrigin {
  readonly headers: HeadersInput
  /** Node's own request, if the framework runs on Node. It tells a sender that hung up from a body that was read twice. */
  readonly incoming?: { readonly complete: boolean } | undefined
}

/**
 * The bytes that earlier code read from a fetch `Request`, at most `maxBytes`.
 * Throws `body_too_large`, or `body_unavailable` if only a parsed body is left or reading failed.
 */
export async function readKeptBody(
  { arrayBuffer, blob, text }: KeptBody,
  { headers, incoming }: KeptOrigin,
  maxBytes: number,
): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined
  try {
    const binary = arrayBuffer ?? (await blob)?.arrayBuffer()
    bytes = binary ? new Uint8Array(await binary) : textBytes(await text, { headers, isUtf8: true })
  } catch (cause) {
    throw incoming && !incoming.complete ? bodyBrokenOff(cause) : bodyUnavailable(READ, cause)
  }
  if (!bytes) throw bodyUnavailable(READ)
  if (bytes.length > maxBytes) throw bodyTooLarge(maxBytes)
  return bytes
}
