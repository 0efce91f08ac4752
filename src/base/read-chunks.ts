import { viewBytes } from './bytes.js'
import { createGrowingBytes } from './growing-bytes.js'

/** What a body can come as: a web stream, or a stream of Node's as polyfills of `fetch` have it. */
export type Chunks = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

export function isChunks(body: unknown): body is Chunks {
  const { getReader, [Symbol.asyncIterator]: iterate } = Object(body)
  return typeof getReader === 'function' || typeof iterate === 'function'
}

/**
 * The bytes of a stream in one buffer, or `undefined` as soon as there are more than `maxBytes`; the rest is cancelled.
 * Rejects with the stream's own error, and with a `TypeError` for chunks that are not bytes.
 */
export async function readChunks(
  chunks: Chunks,
  maxBytes: number,
  expected?: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const whole = createGrowingBytes(maxBytes, expected)
  for await (const chunk of 'getReader' in chunks ? throughReader(chunks) : chunks) {
    const bytes = viewBytes(chunk)
    if (!bytes) throw new TypeError(`the stream delivers a ${typeof chunk}, not bytes`)
    if (!whole.add(bytes)) return undefined
  }
  return whole.bytes()
}

/** Not the stream's own iterator: browsers are without it. */
async function* throughReader(stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  const reader = stream.getReader()
  let isDone = false
  try {
    while (!isDone) {
      const { done, value } = await reader.read()
      isDone = done
      if (value) yield value
    }
  } finally {
    // Nobody waits for it, and nobody can do anything about a failure.
    if (!isDone) reader.cancel().catch(() => {})
  }
}
