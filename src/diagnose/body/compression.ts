import { readChunks } from '../../base/read-chunks.js'

type Format = 'gzip' | 'deflate'

const MAX_BYTES = 16 * 1024 * 1024
const MAGIC: Record<Format, (body: Uint8Array) => boolean> = {
  gzip: ([first, second]) => first === 0x1f && second === 0x8b,
  // RFC 1950: the method is 8, and the first two bytes as one number are a multiple of 31.
  deflate: ([first = 0, second = 0]) => (first & 15) === 8 && (first * 256 + second) % 31 === 0,
}

/** `undefined` if the bytes do not have this format, or if the result would be too long. */
export async function inflated(body: Uint8Array, format: Format): Promise<Uint8Array | undefined> {
  if (!MAGIC[format](body)) return undefined
  return through(body, new DecompressionStream(format)).catch(() => undefined)
}

export async function deflated(body: Uint8Array, format: Format): Promise<Uint8Array | undefined> {
  return through(body, new CompressionStream(format)).catch(() => undefined)
}

function through(
  body: Uint8Array,
  transform: DecompressionStream | CompressionStream,
): Promise<Uint8Array | undefined> {
  const source = new Blob([Uint8Array.from(body)]).stream()
  return readChunks(source.pipeThrough(transform), MAX_BYTES)
}
