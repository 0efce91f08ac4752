import { createGrowingBytes, type GrowingBytes } from '../base/growing-bytes.js'

/** The part of a Node request that shows who gets its chunks. */
interface ChunkSource {
  readonly socket?: object | null
  readonly readableFlowing?: boolean | null
  listenerCount?(event: string): number
}

/** Collects the chunks of a Node request. A single chunk that nobody else holds is kept as it is, which most bodies are. All others are copied. */
export function createNodeChunks(
  request: ChunkSource,
  maxBytes: number,
  expected?: number,
): GrowingBytes {
  // A listener that is called once may be gone when ours is called. An `on` of its own may wrap ours.
  const isFirst = request.listenerCount?.('data') === 0 && !Object.hasOwn(request, 'on')
  let only: Uint8Array<ArrayBuffer> | undefined
  let copied: GrowingBytes | undefined

  return {
    add(chunk) {
      if (isFirst && !only && !copied && chunk.length <= maxBytes && isUnshared(request, chunk)) {
        // Not the chunk itself, because it is a `Buffer`.
        only = new Uint8Array(chunk.buffer)
        return true
      }
      copied ??= createGrowingBytes(maxBytes, expected)
      if (only) copied.add(only)
      only = undefined
      return copied.add(chunk)
    },
    bytes: () => only ?? copied?.bytes() ?? new Uint8Array(0),
  }
}

/**
 * Checks that nobody else can change this chunk, or find other bytes behind it. Node's HTTP parser makes each chunk a buffer of its own,
 * and here no other listener gets it. Only a socket that has received bytes has a parser; mocks have none.
 */
function isUnshared(
  request: ChunkSource,
  chunk: Uint8Array,
): chunk is Uint8Array & { readonly buffer: ArrayBuffer } {
  return (
    chunk.length === chunk.buffer.byteLength &&
    request.listenerCount?.('data') === 1 &&
    // Otherwise other code calls `read`, which returns the chunk to it.
    request.readableFlowing === true &&
    !Object.hasOwn(request, 'emit') &&
    Object(request.socket).bytesRead > 0
  )
}
