import { isWebhookError } from '../base/errors.js'
import { isChunks, readChunks } from '../base/read-chunks.js'
import { bodyBrokenOff, bodyTooLarge, bodyUnavailable } from '../delivery/body.js'
import { contentLength } from './content-length.js'

/**
 * The bytes of a fetch `Request`, at most `maxBytes`, counted as they arrive.
 * Throws `body_too_large`, or `body_unavailable` if the stream has been read or breaks off.
 */
export async function readWebBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const { body, headers } = request
  if (request.bodyUsed || body?.locked) {
    throw bodyUnavailable(
      'the request body has already been read: verify first, or pass a clone made before',
    )
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
