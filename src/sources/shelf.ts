import type { Awaitable } from '../base/awaitable.js'
import { RefreshError } from './refresh-error.js'
import {
  isContained,
  joinSnapshots,
  parseSnapshot,
  type SecretSnapshot,
  type SnapshotContent,
  serializeSnapshot,
} from './snapshot.js'

/** Number of tries. Other processes may save at the same moment; each time one of them succeeds. */
const MOST_TRIES = 50

/** A snapshot that several sources and processes share. A save never undoes another save. */
export interface Shelf {
  /** Rejects with a {@link RefreshError} for a text that cannot be used, and with the store's own error. */
  load(): Promise<SnapshotContent | undefined>
  /** Merges the result of `know` with the stored snapshot, saves it, and resolves to the merged snapshot. `know` is called when it is this save's turn. */
  save(know: () => SnapshotContent | undefined): Promise<SnapshotContent | undefined>
}

interface ShelfSettings {
  /** Runs one operation of the store, at most until the time-out. */
  readonly within: <T>(call: () => Awaitable<T>) => Promise<T>
  /** `true` if one save may wait for another. */
  readonly waitsInLine: boolean
  readonly now: () => number
}

/** The state that all sources of this process with the same snapshot share. */
interface Common {
  newest?: SnapshotContent
  line: Promise<unknown>
}
const commons = new WeakMap<SecretSnapshot, Common>()

export function createShelf(snapshot: SecretSnapshot, settings: ShelfSettings): Shelf {
  const { within, waitsInLine, now } = settings
  const common = commons.get(snapshot) ?? { line: Promise.resolve() }
  commons.set(snapshot, common)

  async function load(): Promise<SnapshotContent | undefined> {
    const text = await within(() => snapshot.load())
    return text ? parseSnapshot(text) : undefined
  }

  /** Resolves to whether the snapshot was stored. */
  async function write(content: SnapshotContent): Promise<boolean> {
    common.newest = content
    const { version } = content
    let isLate = false
    try {
      return await within(async () => {
        const result = await snapshot.save(serializeSnapshot(content), { version })
        // A store without versions has lost every save since this save was given up.
        if (isLate && common.newest !== content) save(() => common.newest).catch(() => {})
        return result !== false
      })
    } catch (error) {
      isLate = true
      throw error
    }
  }

  async function join(know: () => SnapshotContent | undefined) {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      let unread = 0
      const stored = await load().catch((error) => {
        if (Object(error).reason !== 'snapshot_invalid') throw error
        // The stored version cannot be read. The time in milliseconds is higher than any version.
        unread = now()
        return undefined
      })
      const mine = know()
      const all = [mine, common.newest, stored].filter((content) => content !== undefined)
      const joined = joinSnapshots(all, now())
      const isNews = joined && mine && mine.readAt >= joined.readAt
      if (!joined || (stored && !isNews && isContained(joined, stored))) return joined
      const version = Math.max(joined.version, unread) + 1
      if (await write({ ...joined, version })) return joined
    }
    throw new RefreshError(
      'snapshot_failed',
      `save() of the snapshot returned false ${MOST_TRIES} times: do so only if it keeps a newer version`,
    )
  }

  function save(know: () => SnapshotContent | undefined): Promise<SnapshotContent | undefined> {
    if (!waitsInLine) return join(know)
    const saved = common.line.then(() => join(know))
    common.line = saved.catch(() => {})
    return saved
  }

  return { load, save }
}
