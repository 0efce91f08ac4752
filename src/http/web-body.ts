import { concatBytes } from '../base/bytes.js'
import { bodyBrokenOff, bodyTooLarge, bodyUnavailable } from '../delivery/body.js'

/**
 * The bytes of a fetch `Request`, at most `maxBytes`, counted as they arrive.
 * Throws `body_too_large`, or `body_unavailable` where the stream is spent or breaks off.
 */
export async function readWebBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (request.bodyUsed || request.body?.locked) {
    throw bodyUnavailable(
      'the request body has already been read: verify first, or hand in a clone that was made before',
    )
  }
  if (Number(request.headers.get('content-length')) > maxBytes) throw bodyTooLarge(maxBytes)
  const reader = request.body?.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  while (reader) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw bodyBrokenOff('the request broke off', error)
    })
    if (done) break
    length += value.length
    if (length > maxBytes) {
      reader.cancel().catch(() => {})
      throw bodyTooLarge(maxBytes)
    }
    chunks.push(value)
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : concatBytes(chunks, length)
}
