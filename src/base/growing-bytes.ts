/** Collects chunks in one buffer. */
export interface GrowingBytes {
  /** Copies a chunk to the end; `false` if the whole would be more than the limit. */
  add(chunk: Uint8Array): boolean
  /** The bytes that were added so far. Nobody else holds their buffer. */
  bytes(): Uint8Array<ArrayBuffer>
}

/**
 * One buffer that doubles when it is full, so it is at most twice as long as the bytes that were added.
 * It ends with exactly `expected` bytes if that many are added.
 */
export function createGrowingBytes(limit: number, expected = limit): GrowingBytes {
  let buffer = new Uint8Array(0)
  let length = 0

  function grow(needed: number): void {
    const most = needed > expected ? limit : expected
    const larger = new Uint8Array(Math.max(needed, Math.min(2 * needed, most)))
    larger.set(buffer)
    buffer = larger
  }

  return {
    add(chunk) {
      const needed = length + chunk.length
      if (needed > limit) return false
      if (needed > buffer.length) grow(needed)
      buffer.set(chunk, length)
      length = needed
      return true
    },
    bytes: () => (length === buffer.length ? buffer : buffer.subarray(0, length)),
  }
}
