import type { Awaitable } from '../base/awaitable.js'
import { createSeal, NO_SEAL } from './seal.js'
import type { SecretSnapshot } from './snapshot.js'

/** A database that keeps one text and its version. */
export interface SnapshotPlace {
  read(): Awaitable<{ readonly text: string; readonly version: number } | undefined>
  /** Replaces what is stored if it has a lower version, in one atomic step. `false` if it was kept. */
  write(text: string, version: number): Awaitable<boolean>
}

/** Which account's snapshot it is, and the `encryptionKey` of the options, if they have one. */
interface Sealing {
  readonly name: string
  readonly encryptionKey?: unknown
}

/**
 * A snapshot over a database of any kind: sealed if the options have an `encryptionKey`, even one that is `undefined` by mistake.
 * Throws a `TypeError` for a key of another length.
 */
export function storedSnapshot(place: SnapshotPlace, sealing: Sealing): SecretSnapshot {
  const isSealed = Object.hasOwn(sealing, 'encryptionKey')
  const seal = isSealed ? createSeal(sealing.encryptionKey, sealing.name) : NO_SEAL

  return {
    async load() {
      const stored = await place.read()
      if (!stored) return undefined
      try {
        return await seal.open(stored.text, stored.version)
      } catch (error) {
        // The version of a text that nobody can open (the key was changed, say), so that it can be replaced.
        throw Object.assign(error as Error, { version: stored.version })
      }
    },
    // Saved by hand, a text without a version is the newest.
    save: async (snapshot, { version } = { version: Date.now() }) =>
      place.write(await seal.close(snapshot, version), version),
  }
}
