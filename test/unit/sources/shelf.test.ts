import { describe, expect, test } from '@jest/globals'
import { createShelf } from '../../../src/sources/shelf.js'
import {
  parseSnapshot,
  type SnapshotContent,
  serializeSnapshot,
} from '../../../src/sources/snapshot.js'

/** What a process knows: it read this key at this time. */
function known(readAt: number, key = 'a', more: Partial<SnapshotContent> = {}): SnapshotContent {
  const keys = [{ secret: `wh_${key}`, keyId: key, retiredAt: null }]
  return { version: 0, readAt, keys, forgotten: [], ...more }
}

const FORGOTTEN = { keyId: 'old', at: 3 }

/** A store that is a variable, compares versions and counts its saves. */
function createStore(content?: SnapshotContent) {
  const store = {
    text: content && serializeSnapshot(content),
    version: content?.version ?? 0,
    versions: [] as number[],
    load: (): unknown => store.text,
    save(text: string, { version }: { version: number }): unknown {
      store.versions.push(version)
      if (version <= store.version) return false
      Object.assign(store, { text, version })
      return true
    },
    get content(): SnapshotContent {
      return parseSnapshot(store.text ?? '')
    },
  }
  return store
}

function shelfOf(store: object, settings: Partial<Parameters<typeof createShelf>[1]> = {}) {
  return createShelf(store as never, {
    within: async (call) => call(),
    waitsInLine: true,
    now: () => 1_000,
    ...settings,
  })
}

describe('a save', () => {
  test('into an empty store writes version 1, and the next one version 2', async () => {
    const store = createStore()
    const shelf = shelfOf(store)
    expect(await shelf.save(() => known(5))).toMatchObject(known(5))
    await shelf.save(() => known(6, 'b'))
    expect(store.versions).toEqual([1, 2])
    expect(store.content).toEqual(known(6, 'b', { version: 2 }))
  })

  test('of nothing changes nothing, whether the store holds something or not', async () => {
    const empty = createStore()
    expect(await shelfOf(empty).save(() => undefined)).toBeUndefined()
    const full = createStore(known(5, 'a', { version: 3 }))
    expect(await shelfOf(full).save(() => undefined)).toEqual(known(5, 'a', { version: 3 }))
    expect([...empty.versions, ...full.versions]).toEqual([])
  })

  test('of older knowledge changes nothing, and brings the newer back', async () => {
    const store = createStore(known(9, 'b', { version: 3, forgotten: [FORGOTTEN] }))
    const saved = await shelfOf(store).save(() => known(5, 'a', { forgotten: [FORGOTTEN] }))
    expect(saved).toEqual(known(9, 'b', { version: 3, forgotten: [FORGOTTEN] }))
    expect(store.versions).toEqual([])
  })

  test('of older knowledge with a key that was forgotten keeps the newer keys and adds that key', async () => {
    const store = createStore(known(9, 'b', { version: 3 }))
    await shelfOf(store).save(() => known(5, 'a', { forgotten: [FORGOTTEN] }))
    expect(store.content).toEqual(known(9, 'b', { version: 4, forgotten: [FORGOTTEN] }))
  })

  test('brings back what this process saved before, if the store has lost it', async () => {
    const store = createStore()
    await shelfOf(store).save(() => known(10, 'b'))
    Object.assign(store, { text: serializeSnapshot(known(5, 'a', { version: 1 })), version: 1 })
    await shelfOf(store).save(() => known(3))
    expect(store.content).toEqual(known(10, 'b', { version: 2 }))
  })

  test('of the same age is written, because its old keys may have ended', async () => {
    const store = createStore(known(5, 'a', { version: 3 }))
    await shelfOf(store).save(() => known(5))
    expect(store.versions).toEqual([4])
  })

  test('tries again with a higher version if another process was quicker', async () => {
    const store = createStore(known(5, 'a', { version: 3 }))
    const { save } = store
    store.save = (text, options) => {
      store.save = save
      save(serializeSnapshot(known(7, 'b', { version: 4, forgotten: [FORGOTTEN] })), { version: 4 })
      return save(text, options)
    }
    await shelfOf(store).save(() => known(9, 'c'))
    expect(store.versions).toEqual([4, 4, 5])
    expect(store.content).toEqual(known(9, 'c', { version: 5, forgotten: [FORGOTTEN] }))
  })

  test('gives up after 50 tries if the store keeps saying no', async () => {
    let tries = 0
    const save = () => {
      if (++tries > 50) throw new Error('once too often')
      return false
    }
    const saved = shelfOf({ load: () => undefined, save }).save(() => known(5))
    await expect(saved).rejects.toMatchObject({
      reason: 'snapshot_failed',
      message: expect.stringMatching(/returned false 50 times.*only if it keeps a newer version/),
    })
    expect(tries).toBe(50)
  })

  test('does not overwrite what could not be loaded', async () => {
    const down = new Error('down')
    const store = Object.assign(createStore(), { load: () => Promise.reject(down) })
    await expect(shelfOf(store).save(() => known(5))).rejects.toBe(down)
    expect(store.versions).toEqual([])
  })

  test('overwrites a damaged text with a version above every version so far', async () => {
    const store = Object.assign(createStore(), { text: 'damaged', version: 999 })
    await shelfOf(store).save(() => known(5))
    expect(store.content).toEqual(known(5, 'a', { version: 1_001 }))
  })

  test('that fails leaves the line free for the next one', async () => {
    const store = createStore()
    const shelf = shelfOf(store)
    const failed = shelf.save(() => {
      throw new Error('not known')
    })
    const saved = shelf.save(() => known(5))
    await expect(failed).rejects.toThrow('not known')
    await saved
    expect(store.content.readAt).toBe(5)
  })

  test('asks for the knowledge when it is its turn, so that it saves what is known then', async () => {
    const store = createStore()
    const shelf = shelfOf(store)
    let now = known(5)
    const first = shelf.save(() => now)
    const second = shelf.save(() => now)
    now = known(6, 'b')
    await Promise.all([first, second])
    expect(store.content.readAt).toBe(6)
  })
})

describe('saves at the same moment', () => {
  /** Saves end when the test says so. */
  function createSlowStore() {
    const store = createStore()
    const ends: (() => void)[] = []
    const save = async (text: string): Promise<unknown> => {
      store.versions.push(0)
      await new Promise<void>((resolve) => ends.push(resolve))
      // No comparison: what ends last stays.
      store.text = text
      return undefined
    }
    return { store: Object.assign(store, { save }), ends }
  }
  const settled = () => new Promise((resolve) => setImmediate(resolve))

  test('wait for each other, or do not wait if the platform forbids it', async () => {
    for (const waitsInLine of [true, false]) {
      const { store, ends } = createSlowStore()
      const shelves = [shelfOf(store, { waitsInLine }), shelfOf(store, { waitsInLine })]
      const saves = shelves.map((shelf) => shelf.save(() => known(5)))
      await settled()
      expect(ends).toHaveLength(waitsInLine ? 1 : 2)
      for (let place = 0; place < 2; place++) {
        ends[place]?.()
        await settled()
      }
      await Promise.all(saves)
      // One that has ended in time is not made again.
      expect(ends).toHaveLength(2)
    }
  })

  /** A shelf whose saves are given up at once, as after the time-out. */
  function impatient(store: object) {
    const late = new Error('too late')
    let isLate = false
    const shelf = shelfOf(store, {
      within: (call) => {
        const work = Promise.resolve(call())
        return isLate ? Promise.race([settled().then(() => Promise.reject(late)), work]) : work
      },
    })
    return { shelf, setLate: (value: boolean) => (isLate = value) }
  }

  test.each([
    ['a newer read', known(6, 'b')],
    ['another key of the same read', known(5, 'b')],
  ])('%s is saved again if an older save, which was given up, ends after it', async (_, newer) => {
    const { store, ends } = createSlowStore()
    const { shelf, setLate } = impatient(store)
    setLate(true)
    await expect(shelf.save(() => known(5))).rejects.toThrow('too late')
    setLate(false)
    const saved = shelf.save(() => newer)
    await settled()
    ends[1]?.()
    await saved
    ends[0]?.()
    await settled()
    expect(ends).toHaveLength(3)
    ends[2]?.()
    await settled()
    expect(store.content.keys).toEqual(newer.keys)
  })

  test('a save that was given up is not made again if it is still the newest', async () => {
    const { store, ends } = createSlowStore()
    const { shelf, setLate } = impatient(store)
    setLate(true)
    await expect(shelf.save(() => known(5))).rejects.toThrow('too late')
    ends[0]?.()
    await settled()
    expect(ends).toHaveLength(1)
    expect(store.content.readAt).toBe(5)
  })
})
