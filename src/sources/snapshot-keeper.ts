import type { Calls } from './calls.js'
import type { Flights } from './flights.js'
import type { KeyRing } from './key-ring.js'
import { namesOf, plainCause } from './redact.js'
import { RefreshError } from './refresh-error.js'
import type { RotatingSettings } from './rotating-options.js'
import { createShelf } from './shelf.js'
import {
  openSnapshot,
  type SecretSnapshot,
  type SnapshotContent,
  toStoredKeys,
} from './snapshot.js'

/** Keeps the ring and its snapshot the same. No method rejects: each resolves to the error, if there is one. */
export interface SnapshotKeeper {
  /** Loads the snapshot. Its keys are used at once, or, if they are older than `maxAge`, when `landed` says that the account has not answered. */
  restore(landed: Promise<unknown>): Promise<RefreshError | undefined>
  /** Merges the ring's keys with the stored ones. */
  save(): Promise<RefreshError | undefined>
}

interface Parts extends RotatingSettings {
  readonly ring: KeyRing
  readonly calls: Calls
  readonly flights: Flights
}

export function createSnapshotKeeper(
  snapshot: SecretSnapshot,
  { now, maxAge, maxStale, ring, calls, flights }: Parts,
): SnapshotKeeper {
  const { within } = calls
  const shelf = createShelf(snapshot, { within, now, waitsInLine: flights.areShared })

  async function restore(landed: Promise<unknown>): Promise<undefined> {
    const content = await shelf.load()
    if (!content) return
    ring.forget(content.forgotten)
    const keys = await openSnapshot(content, now(), maxStale)
    const at = now()
    const readAt = Math.min(content.readAt, at)
    const isOutdated = at - readAt > maxAge
    // The account may have rotated since, so its answer comes first.
    if (isOutdated && !(await landed)) return
    ring.restore(keys, readAt, isOutdated)
  }

  async function save(): Promise<undefined> {
    const joined = await shelf.save(knowledge)
    if (joined) ring.forget(joined.forgotten)
  }

  function knowledge(): SnapshotContent | undefined {
    const { confirmedAt, forgotten } = ring
    const at = now()
    if (confirmedAt === undefined) return undefined
    // The clock may have been set back since.
    const readAt = Math.min(confirmedAt, at)
    return { version: 0, readAt, keys: toStoredKeys(ring.entries(at)), forgotten }
  }

  return {
    restore: (landed) => restore(landed).catch(snapshotFailed),
    save: () => save().catch(snapshotFailed),
  }
}

function snapshotFailed(error: unknown): RefreshError {
  if (error instanceof RefreshError) return error
  const cause = plainCause(error)
  return new RefreshError(
    'snapshot_failed',
    `the snapshot could not be loaded or saved${namesOf(cause)}: check its store`,
    cause,
  )
}
