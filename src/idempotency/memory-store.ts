import { callback, type OptionTable, positive, resolveOptions } from '../base/options.js'
import { assertCalled } from './assert-called.js'
import { createDoneRing } from './done-ring.js'
import { createHolders, type Holder } from './holders.js'
import type { IdempotencyStore } from './store.js'

/** Options of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /** Largest number of deliveries that are remembered, done and in progress together. Default 100000. */
  maxEntries?: number | undefined
  /** The clock: returns milliseconds since the epoch or a `Date`. Default `Date.now`. */
  now?: (() => number | Date) | undefined
}

const OPTIONS = {
  maxEntries: positive(100_000),
  now: callback((): number | Date => Date.now()),
} satisfies OptionTable<MemoryStoreOptions>

/**
 * Remembers deliveries in this process. Use it for a single instance or in tests: nothing survives a restart and nothing is shared.
 * If it is full, it forgets the delivery that was done longest ago. It never forgets a delivery in progress. If all deliveries are in progress,
 * a new claim throws, so the delivery is refused with `store_unavailable`.
 *
 * Throws a `TypeError` for an unknown or invalid option.
 *
 * @example
 * ```ts
 * import { memoryStore } from 'countersign'
 * import { verifyWebhook } from 'countersign/express'
 * export const webhooks = verifyWebhook({
 *   secret: process.env.WEBHOOK_SECRET ?? '',
 *   idempotency: memoryStore({ maxEntries: 50_000 }),
 * })
 * ```
 */
export function memoryStore(options: MemoryStoreOptions = {}): IdempotencyStore {
  assertCalled(options, 'memoryStore()', 'maxEntries')
  const { now, maxEntries } = resolveOptions(options, OPTIONS)
  if (maxEntries < 1) throw new TypeError(`maxEntries must be 1 or more, not ${maxEntries}`)
  const done = createDoneRing(maxEntries)
  const active = createHolders()

  /** The attempt that holds the key now. */
  function holderOf(key: string, at: number): Holder | undefined {
    const holder = active.get(key)
    return holder && holder.until > at ? holder : undefined
  }

  function makeRoom(at: number): void {
    if (done.size + active.size < maxEntries || done.dropOldest()) return
    const oldest = active.oldest()
    if (!oldest || oldest.until > at)
      throw new Error(
        'every entry of the memory store is in progress: raise maxEntries, or use a store of another process (redisStore)',
      )
    active.delete(oldest.key)
  }

  return {
    claim(key, { token, lease, digest }) {
      const at = +now()
      const holder = holderOf(key, at)
      if (holder && holder.token !== token)
        return withDigest(holder.digest, {
          state: 'in_progress',
          retryAfter: (holder.until - at) / 1000,
        })
      done.dropExpired(at)
      if ((done.expiresAt(key) ?? 0) > at) return withDigest(done.digestOf(key), { state: 'done' })
      // Added at the end again, so that the holder whose lease ends first stands first.
      if (!active.delete(key)) makeRoom(at)
      active.add(withDigest(digest, { key, token, until: at + lease * 1000 }))
      return { state: 'claimed' }
    },

    commit(key, { token, ttl, digest }) {
      const at = +now()
      const holder = holderOf(key, at)
      if (holder && holder.token !== token) return false
      if (!active.delete(key)) makeRoom(at)
      done.add(key, at + ttl * 1000, digest)
      return true
    },

    release(key, { token }) {
      if (active.get(key)?.token === token) active.delete(key)
    },
  }
}

function withDigest<T extends object>(digest: string | undefined, value: T): T {
  return digest === undefined ? value : { ...value, digest }
}
