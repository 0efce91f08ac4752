import { describe, expect, test } from '@jest/globals'
import { d1Store, kvSnapshot } from 'countersign/cloudflare'
import { statementsFor, toClaimResult } from '../../../src/cloudflare/statements.js'
import { manualTimers } from '../../support/manual-timers.js'

/** A KV namespace that is a map. */
function kvOf(...entries: [string, string, unknown?][]) {
  const values = new Map(entries.map(([key, ...entry]) => [key, entry]))
  const options: unknown[] = []
  return {
    values,
    options,
    async getWithMetadata(key: string) {
      const [value = null, metadata = null] = values.get(key) ?? []
      return { value, metadata }
    },
    async put(key: string, value: string, given: { metadata: unknown }) {
      options.push(given)
      values.set(key, [value, given.metadata])
    },
  }
}

describe('a snapshot in KV', () => {
  test('is replaced only by a newer version', async () => {
    const kv = kvOf()
    const snapshot = kvSnapshot(kv as never)
    expect(await snapshot.load()).toBeUndefined()
    expect(await snapshot.save('second', { version: 2 })).toBe(true)
    expect(await snapshot.save('same', { version: 2 })).toBe(false)
    expect(await snapshot.save('first', { version: 1 })).toBe(false)
    expect(await snapshot.load()).toBe('second')
    expect(await snapshot.save('third', { version: 3 })).toBe(true)
    expect([...kv.values]).toEqual([['countersign:secret', ['third', { version: 3 }]]])
  })

  test('is kept for 7 days, or for ttl, which may be 60 seconds', async () => {
    const kv = kvOf()
    await kvSnapshot(kv as never).save('text', { version: 1 })
    await kvSnapshot(kv as never, { ttl: 60 }).save('text', { version: 2 })
    await kvSnapshot(kv as never, { ttl: 60.5 }).save('text', { version: 3 })
    expect(kv.options).toMatchObject([
      { expirationTtl: 604_800 },
      { expirationTtl: 60 },
      { expirationTtl: 61 },
    ])
  })

  test('that was stored by hand has a version that every other replaces', async () => {
    const kv = kvOf(['mine', 'by hand'])
    const snapshot = kvSnapshot(kv as never, { key: 'mine' })
    expect(await snapshot.load()).toBe('by hand')
    expect(await snapshot.save('newer', { version: 1 })).toBe(true)
  })

  test('that is saved by hand is the newest', async () => {
    const snapshot = kvSnapshot(kvOf() as never)
    await snapshot.save('old', { version: Date.now() - 1000 })
    // In JavaScript, the version can be left out.
    const save = snapshot.save as (text: string) => unknown
    expect(await save('by hand')).toBe(true)
    expect(await snapshot.load()).toBe('by hand')
  })

  test('is encrypted for its key, its place and its version', async () => {
    const kv = kvOf()
    const encryptionKey = new Uint8Array(16)
    const snapshot = kvSnapshot(kv as never, { encryptionKey })
    await snapshot.save('the secret', { version: 4 })
    expect(await snapshot.load()).toBe('the secret')
    const [sealed = ''] = kv.values.get('countersign:secret') ?? []
    expect(sealed).not.toContain('secret')
    const other = kvSnapshot(kv as never, { encryptionKey: new Uint8Array(16).fill(1) })
    await expect(other.load()).rejects.toMatchObject({ reason: 'snapshot_failed' })
    kv.values.set('countersign:secret', [sealed, { version: 5 }])
    await expect(snapshot.load()).rejects.toThrow('cannot be decrypted')
  })

  test('whose key is undefined by mistake is a TypeError, not plain text', () => {
    expect(() => kvSnapshot(kvOf() as never, { encryptionKey: undefined })).toThrow(TypeError)
  })
})

test.each([
  [{ token: 'a', remaining: 5000, digest: 'd' }, { state: 'claimed' }],
  [{ token: null, remaining: 5000, digest: '' }, { state: 'done' }],
  [
    { token: null, remaining: 5000, digest: 'd' },
    { state: 'done', digest: 'd' },
  ],
  [
    { token: 'b', remaining: 1500, digest: null },
    { state: 'in_progress', retryAfter: 1.5 },
  ],
  [
    { token: 'b', remaining: -1, digest: 'd' },
    { state: 'in_progress', retryAfter: 0, digest: 'd' },
  ],
])('the row %p is the answer to a claim of a', (row, result) => {
  expect(toClaimResult(row, 'a')).toEqual(result)
})

describe('a store in D1', () => {
  const sql = statementsFor('countersign_deliveries')
  /** A database that answers every statement with these rows, and what it was asked. */
  function databaseOf(...results: unknown[]) {
    const asked: unknown[][] = []
    const prepare = (text: string) => ({
      bind: (...values: unknown[]) => ({
        all: async () => {
          asked.push([text, ...values])
          return { results }
        },
      }),
    })
    const batch = (statements: { all(): unknown }[]) =>
      Promise.all(statements.map((statement) => statement.all()))
    return { asked, database: { prepare, batch } as never }
  }

  test('asks in milliseconds, with the token and the digest', async () => {
    const { asked, database } = databaseOf({ token: 'a', remaining: 60_000, digest: '' })
    const store = d1Store(database)
    const claim = { token: 'a', lease: 60, digest: 'd' }
    expect(await store.claim('key', claim)).toEqual({ state: 'claimed' })
    await store.release('key', { token: 'a' })
    expect(asked).toEqual([
      [sql.claim, 'key', 'a', 60_000, 'd'],
      [sql.release, 'key', 'a'],
    ])
  })

  test('sweeps two rows with each commit, unless sweep is false', async () => {
    const { asked, database } = databaseOf({ key: 'key' })
    const commit = { token: 'a', ttl: 432_000 }
    expect(await d1Store(database).commit('key', commit)).toBe(true)
    expect(await d1Store(database, { sweep: false }).commit('key', commit)).toBe(true)
    const committed = [sql.commit, 'key', 'a', 432_000_000, '']
    expect(asked).toEqual([committed, [sql.sweep, 2], committed])
  })

  test('a commit without a row has lost its claim', async () => {
    expect(await d1Store(databaseOf().database).commit('key', { token: 'a', ttl: 1 })).toBe(false)
  })

  test('sweep deletes at most 1,000 rows, or limit, and counts them', async () => {
    const { asked, database } = databaseOf({ key: 'a' }, { key: 'b' })
    expect(await d1Store(database).sweep()).toBe(2)
    await d1Store(database).sweep({ limit: 7 })
    await d1Store(database).sweep({ limit: 0.5 })
    expect(asked).toEqual([
      [sql.sweep, 1000],
      [sql.sweep, 7],
      [sql.sweep, 1],
    ])
  })
})

test.each([
  [undefined, 5000],
  [0.5, 500],
  [1e9, 1e9],
])('a time-out of %p seconds is a timer that the platform takes', (timeout, milliseconds) => {
  const timers = manualTimers()
  const silent = { all: () => new Promise(() => {}) }
  const prepare = () => ({ bind: () => silent })
  const options = { timeout, ...timers.options }
  d1Store({ prepare, batch: () => silent.all() } as never, options).release('key', { token: 'a' })
  expect(timers.waiting).toEqual([milliseconds])
})
