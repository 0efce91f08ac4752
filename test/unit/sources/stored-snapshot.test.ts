import { describe, expect, test } from '@jest/globals'
import { resolveOptions } from '../../../src/base/options.js'
import { SNAPSHOT_OPTIONS, storedSnapshot } from '../../../src/sources/stored-snapshot.js'

const KEY = new Uint8Array(32).fill(7)
const TEXT = '{"keys":["wh_…"]}'

/** A database that is a variable. */
function createPlace(stored?: { text: string; version: number }) {
  const place = {
    stored,
    isNewest: true,
    read: async () => place.stored,
    write: async (text: string, version: number) => {
      if (place.isNewest) place.stored = { text, version }
      return place.isNewest
    },
  }
  return place
}

describe('a snapshot without encryptionKey', () => {
  test('of an empty place is undefined, and a saved text comes back', async () => {
    const place = createPlace()
    const snapshot = storedSnapshot(place, 'key', {})
    expect(await snapshot.load()).toBeUndefined()
    expect(await snapshot.save(TEXT, { version: 4 })).toBe(true)
    expect(place.stored).toEqual({ text: TEXT, version: 4 })
    expect(await snapshot.load()).toBe(TEXT)
  })

  test('says that the place has kept a newer one', async () => {
    const place = createPlace({ text: 'newer', version: 9 })
    place.isNewest = false
    const snapshot = storedSnapshot(place, 'key', {})
    expect(await snapshot.save(TEXT, { version: 4 })).toBe(false)
    expect(await snapshot.load()).toBe('newer')
  })

  test('that is saved by hand, without a version, is newer than every other', async () => {
    const place = createPlace()
    const before = Date.now()
    const { save } = storedSnapshot(place, 'key', {})
    await (save as (text: string) => unknown)(TEXT)
    expect(place.stored?.version).toBeGreaterThanOrEqual(before)
  })
})

describe('a snapshot with encryptionKey', () => {
  test('comes back, and the place never sees its text', async () => {
    const place = createPlace()
    const snapshot = storedSnapshot(place, 'key', { encryptionKey: KEY })
    expect(await snapshot.load()).toBeUndefined()
    expect(await snapshot.save(TEXT, { version: 4 })).toBe(true)
    expect(place.stored).toEqual({ text: expect.stringMatching(/^gcm1\./), version: 4 })
    expect(await snapshot.load()).toBe(TEXT)
  })

  test.each([
    ['with another version', (text: string) => ({ text, version: 5 })],
    ['that is not encrypted', () => ({ text: TEXT, version: 5 })],
  ])('%s is not opened', async (_, change) => {
    const place = createPlace()
    const snapshot = storedSnapshot(place, 'key', { encryptionKey: KEY })
    await snapshot.save(TEXT, { version: 4 })
    place.stored = change(place.stored?.text ?? '')
    await expect(snapshot.load()).rejects.toMatchObject({ reason: 'snapshot_failed' })
  })

  test('of another account is not opened', async () => {
    const place = createPlace()
    await storedSnapshot(place, 'key 1', { encryptionKey: KEY }).save(TEXT, { version: 4 })
    const other = storedSnapshot(place, 'key 2', { encryptionKey: KEY })
    await expect(other.load()).rejects.toThrow('cannot be decrypted')
  })

  test('is never a plain one because a variable is not set', () => {
    expect(() => storedSnapshot(createPlace(), 'key', { encryptionKey: undefined })).toThrow(
      'encryptionKey is undefined: is the environment variable set?',
    )
  })
})

test('every database keeps it under the same name by default', () => {
  expect(resolveOptions({}, SNAPSHOT_OPTIONS)).toEqual({
    key: 'countersign:secret',
    encryptionKey: undefined,
  })
})
