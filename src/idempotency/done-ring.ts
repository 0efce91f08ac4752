/** A ring of keys in the order they were done, oldest first. It never holds more than `maxEntries`. */
export interface DoneRing {
  readonly size: number
  /** Milliseconds since the epoch; `undefined` for an unknown key. */
  expiresAt(key: string): number | undefined
  /** The value that was added with the key. */
  digestOf(key: string): string | undefined
  add(key: string, expiresAt: number, digest?: string): void
  /** Drops the oldest key. Returns `false` if there is none. */
  dropOldest(): boolean
  /** Drops up to two expired keys. At most one key is added per call, so the ring drains. */
  dropExpired(now: number): void
}

/**
 * A `Map` alone is too slow: finding its first key skips every deleted key each time.
 * `places` holds the place of a key's newest entry in the ring; older entries of the same key are skipped.
 */
export function createDoneRing(maxEntries: number): DoneRing {
  const places = new Map<string, number>()
  const keys: string[] = []
  const expiries: number[] = []
  const digests: (string | undefined)[] = []
  let head = 0
  let tail = 0

  function dropOldest(): boolean {
    if (head === tail) return false
    const key = keys[head % maxEntries] as string
    if (places.get(key) === head) places.delete(key)
    head++
    return true
  }

  function expiresAt(key: string): number | undefined {
    const place = places.get(key)
    return place === undefined ? undefined : expiries[place % maxEntries]
  }

  return {
    get size() {
      return tail - head
    },
    expiresAt,
    digestOf(key) {
      const place = places.get(key)
      return place === undefined ? undefined : digests[place % maxEntries]
    },
    add(key, expiresAt, digest) {
      if (tail - head === maxEntries) dropOldest()
      keys[tail % maxEntries] = key
      expiries[tail % maxEntries] = expiresAt
      digests[tail % maxEntries] = digest
      places.set(key, tail++)
    },
    dropOldest,
    dropExpired(now) {
      for (let i = 0; i < 2 && head < tail; i++) {
        if ((expiries[head % maxEntries] as number) > now) return
        dropOldest()
      }
    },
  }
}
