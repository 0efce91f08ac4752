/** The attempt that holds a key. */
export interface Holder {
  readonly key: string
  readonly token: string
  readonly digest?: string | undefined
  /** When the lease ends: milliseconds since the epoch. */
  readonly until: number
}

/** Claims in the order they were taken or renewed, oldest first. */
export interface Holders {
  readonly size: number
  get(key: string): Holder | undefined
  /** Adds a holder at the end and removes the earlier holder of the same key. */
  add(holder: Holder): void
  /** Returns `false` for a key that nobody holds. */
  delete(key: string): boolean
  oldest(): Holder | undefined
}

interface Link {
  holder?: Holder
  older: Link
  newer: Link
}

/** A `Map` alone is too slow: finding its first key skips every deleted key each time. */
export function createHolders(): Holders {
  const links = new Map<string, Link>()
  const ends = {} as Link
  ends.older = ends.newer = ends

  function remove(key: string): boolean {
    const link = links.get(key)
    if (!link) return false
    link.older.newer = link.newer
    link.newer.older = link.older
    return links.delete(key)
  }

  return {
    get size() {
      return links.size
    },
    get: (key) => links.get(key)?.holder,
    add(holder) {
      remove(holder.key)
      const { older } = ends
      const link = { holder, older, newer: ends }
      older.newer = link
      ends.older = link
      links.set(holder.key, link)
    },
    delete: remove,
    oldest: () => ends.newer.holder,
  }
}
