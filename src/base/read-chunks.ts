import { viewBytes } from './bytes.js'
import { refusal } from './errors.js'
import { createGrowingBytes } from './growing-bytes.js'
import { found } from './options.js'

/** The stream of a body: a web stream, or a Node stream from a polyfill of `fetch`. */
export type Chunks = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

export function isChunks(body: unknown): body is Chunks {
  const { getReader, [Symbol.asyncIterator]: iterate } = Object(body)
  return typeof getReader === 'function' || typeof iterate === 'function'
}

/**
 * Reads a stream into one buffer. Resolves to `undefined` and cancels the stream as soon as there are more than `maxBytes`.
 * Rejects with the stream's own error, and with `body_unavailable` for chunks that are not bytes.
 */
export async function readChunks(
  chunks: Chunks,
  maxBytes: number,
  expected?: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const whole = createGrowingBytes(maxBytes, expected)
  for await (const chunk of 'getReader' in chunks ? throughReader(chunks) : chunks) {
    const bytes = viewBytes(chunk)
    if (!bytes)
      throw refusal(
        'body_unavailable',
        `the body stream delivers ${found(chunk)}, not a Uint8Array`,
      )
    if (!whole.add(bytes)) return undefined
  }
  return whole.bytes()
}

/** Does not use the stream's own iterator, because some browsers lack it. */
function throughReader(stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  const reader = stream.getReader()
  const iterator: AsyncIterator<Uint8Array> = {
    next: () => reader.read() as Promise<IteratorResult<Uint8Array>>,
    async return() {
      // Nobody waits for the cancellation, and its failure is ignored.
      reader.cancel().catch(() => {})
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}
