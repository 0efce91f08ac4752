import type { Awaitable } from '../base/awaitable.js'
import { anything, text } from '../base/options.js'
import { createSeal, NO_SEAL } from './seal.js'
import type { SecretSnapshot } from './snapshot.js'

/** A database that keeps one text and its version. */
export interface SnapshotPlace {
  read(): Awaitable<{ readonly text: string; readonly version: number } | undefined>
  /** Replaces the stored text if its version is lower, in one atomic step. Resolves to `false` if the stored text was kept. */
  write(text: string, version: number): Awaitable<boolean>
}

/** Options of every snapshot in a database. */
export const SNAPSHOT_OPTIONS = {
  key: text('countersign:secret'),
  encryptionKey: anything<string | Uint8Array>(),
}

/**
 * Creates a snapshot over any kind of database. It is sealed if the options have an `encryptionKey`, even if that is `undefined` by mistake.
 * Throws a `TypeError` for a key of another length.
 */
export function storedSnapshot(
  place: SnapshotPlace,
  key: string,
  options: { readonly encryptionKey?: unknown },
): SecretSnapshot {
  const isSealed = Object.hasOwn(options, 'encryptionKey')
  const seal = isSealed ? createSeal(options.encryptionKey, key) : NO_SEAL

  return {
    async load() {
      const stored = await place.read()
      return stored && seal.open(stored.text, stored.version)
    },
    // A call without a version is made by hand, and its text counts as the newest.
    save: async (snapshot, { version } = { version: Date.now() }) =>
      place.write(await seal.close(snapshot, version), version),
  }
}
