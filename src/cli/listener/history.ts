import type { CapturedRequest } from '../capture/capture-file.js'
import type { WireAnswer } from '../wire/exchange.js'
import type { ListedDelivery } from './listed-delivery.js'

/** A delivery that is kept. What becomes known later replaces what was known before. */
export interface Kept {
  listed: ListedDelivery
  /** Its body is empty once `hasBody` is false. */
  captured: CapturedRequest
  hasBody: boolean
  answer?: WireAnswer | undefined
  /** Counts up with every change of any delivery. */
  revision?: number
}

/** The last deliveries, bounded in number and in bytes. */
export interface History {
  add(kept: Kept): void
  /** Tells those who watch that a delivery has changed. */
  changed(kept: Kept): void
  get(number: number): Kept | undefined
  /** What changed after this revision, in the order in which it did. */
  since(revision: number): readonly Kept[]
  /** Called for each change. Returns how to stop it. */
  watch(listener: () => void): () => void
}

export const MAX_KEPT = 1000
const MAX_BYTES = 256 * 1024 * 1024

export function createHistory(maxKept = MAX_KEPT, maxBytes = MAX_BYTES): History {
  let all: Kept[] = []
  let bytes = 0
  let revision = 0
  /** Index of the oldest delivery that still has its body. */
  let oldest = 0
  const listeners = new Set<() => void>()

  function dropBody(kept: Kept | undefined): void {
    if (!kept?.hasBody) return
    bytes -= kept.captured.body.length
    kept.hasBody = false
    kept.captured = { ...kept.captured, body: new Uint8Array(0) }
  }
  /** In batches, so that each delivery costs the same however many are kept. */
  function trim(): void {
    if (all.length >= maxKept + 100) {
      for (const old of all.slice(0, 100)) dropBody(old)
      all = all.slice(100)
      oldest = Math.max(0, oldest - 100)
    }
    for (; bytes > maxBytes && oldest < all.length - 1; oldest++) dropBody(all[oldest])
  }
  function changed(kept: Kept): void {
    kept.revision = ++revision
    for (const listener of listeners) listener()
  }

  return {
    add(kept) {
      all.push(kept)
      if (kept.hasBody) bytes += kept.captured.body.length
      trim()
      changed(kept)
    },
    changed,
    get: (number) => all.find(({ listed }) => listed.number === number),
    since: (before) =>
      all
        .slice(-maxKept)
        .filter(({ revision = 0 }) => revision > before)
        .sort((a, b) => (a.revision ?? 0) - (b.revision ?? 0)),
    watch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
