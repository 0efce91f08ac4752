import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { postgresSnapshot, postgresStore } from 'countersign/postgres'
import { storeContract } from 'countersign/testing'
import { startPglite } from '../../support/pglite.js'

const db = startPglite()
const options = { timeout: 170 }
const store = postgresStore(db, options)
const KEY = '/webhooks msg_1'
const a = { token: 'a', lease: 60, ttl: 1000 }
const b = { ...a, token: 'b' }

// The database may start slowly beside other tests.
beforeAll(() => store.migrate(), 180_000)
beforeEach(() => db.query('TRUNCATE countersign_deliveries'))
afterAll(() => db.close())

/** Lets time pass for the database. */
const wait = (seconds: number): Promise<unknown> =>
  db.query(`UPDATE countersign_deliveries SET until = until - ${seconds} * interval '1 second'`)

describe('postgresStore keeps the rules of every store', () => {
  for (const { name, run } of storeContract(() => store, { wait, lease: 10, digest: true })) {
    test(name, run)
  }
})

describe('the table', () => {
  test('can be created again, by migrate and by the SQL of schema', async () => {
    await store.claim(KEY, a)
    await store.migrate()
    await db.query(store.schema)
    expect(await store.claim(KEY, b)).toMatchObject({ state: 'in_progress' })
  })

  test('is the same by migrate and by the SQL of schema', async () => {
    await db.query(postgresStore(db, { table: 'by_hand' }).schema)
    const shape = (table: string): Promise<unknown> =>
      db.query(
        `SELECT column_name, data_type, is_nullable, collation_name FROM information_schema.columns
         WHERE table_name = $1 ORDER BY 1`,
        [table],
      )
    expect(await shape('by_hand')).toEqual(await shape('countersign_deliveries'))
    expect(await shape('by_hand')).toHaveLength(5)
  })

  test('holds what the documents say, and the token only while the claim lasts', async () => {
    const row = `SELECT key, token, state, digest, round(extract(epoch FROM until - now()))::int AS left
      FROM countersign_deliveries`
    await store.claim(KEY, { token: 'a', lease: 12.5, digest: 'd' })
    const [claimed] = await db.query(row)
    expect(claimed).toMatchObject({ key: KEY, token: 'a', state: 'claimed', digest: 'd' })
    expect(claimed?.left).toBeLessThanOrEqual(13)
    await store.commit(KEY, a)
    const [done] = await db.query(row)
    expect(done).toMatchObject({ key: KEY, token: null, state: 'done' })
    expect(done?.left).toBeGreaterThan(900)
  })

  test('may lie in a schema, and have capitals and any word for a name', async () => {
    await db.query('CREATE SCHEMA "Hooks"')
    for (const table of ['Hooks.Deliveries', 'select', 'A'.repeat(63)]) {
      const named = postgresStore(db, { ...options, table })
      await named.migrate()
      expect(await named.claim(KEY, a)).toEqual({ state: 'claimed' })
    }
    expect(await db.query('SELECT key FROM "Hooks"."Deliveries"')).toEqual([{ key: KEY }])
  })

  test('that is missing is named, with the way out', async () => {
    const missing = postgresStore(db, { ...options, table: 'nobody_made_it' })
    await expect(missing.claim(KEY, a)).rejects.toThrow(
      'the table nobody_made_it does not exist: call migrate() once',
    )
    const snapshot = postgresSnapshot(db, { ...options, table: 'nobody_made_it' })
    await expect(snapshot.load()).rejects.toThrow(
      'the table nobody_made_it does not exist: call migrate() once',
    )
  })

  test('keeps a long or an odd key by its hash, and any other as it is', async () => {
    const keys = ['/a msg_1', `/${'x'.repeat(499)}`, `/${'x'.repeat(500)}`, '/\u00e9 msg_1']
    for (const key of keys) await store.claim(key, a)
    const rows = await db.query('SELECT key FROM countersign_deliveries')
    expect(rows.map(({ key }) => String(key).slice(0, 7)).sort()).toEqual(
      ['/a msg_', '/xxxxxx', 'sha256:', 'sha256:'].sort(),
    )
    for (const key of keys) await store.release(key, a)
    expect(await db.query('SELECT key FROM countersign_deliveries')).toEqual([])
  })

  test('need not be created by the role that uses it', async () => {
    const snapshot = postgresSnapshot(db, options)
    await snapshot.migrate()
    await db.query(
      'CREATE ROLE app; GRANT ALL ON countersign_deliveries, countersign_snapshots TO app; SET ROLE app',
    )
    await store.migrate()
    await snapshot.migrate()
    expect(await store.claim(KEY, a)).toEqual({ state: 'claimed' })
    await db.query('RESET ROLE')
  })
})

test('a claim that is taken says how long the lease of the holder lasts', async () => {
  await store.claim(KEY, a)
  const taken = await store.claim(KEY, b)
  expect(taken).toMatchObject({ state: 'in_progress', retryAfter: expect.closeTo(60, -1) })
})

test('an attempt commits although its lease and that of its successor ran out', async () => {
  await store.claim(KEY, { token: 'a', lease: 1 })
  await wait(2)
  await store.claim(KEY, { token: 'b', lease: 1 })
  expect(await store.commit(KEY, a)).toBe(false)
  await wait(2)
  expect(await store.commit(KEY, a)).toBe(true)
  expect(await store.claim(KEY, b)).toMatchObject({ state: 'done' })
})

test('a lease and a ttl of ages end at the last date that Postgres has', async () => {
  expect(await store.claim(KEY, { token: 'a', lease: 1e300 })).toEqual({ state: 'claimed' })
  expect(await store.commit(KEY, { token: 'a', ttl: 1e300 })).toBe(true)
  expect(await store.claim(KEY, b)).toMatchObject({ state: 'done' })
})

describe('commitWith', () => {
  /** The handler's transaction: its work and the mark. */
  async function handle(claim: { key: string; token: string }): Promise<void> {
    await db.query('BEGIN')
    try {
      await db.query(`INSERT INTO work VALUES ('${claim.token}')`)
      await store.commitWith(db, { claim })
      await db.query('COMMIT')
    } catch (error) {
      await db.query('ROLLBACK')
      throw error
    }
  }
  const work = async (): Promise<unknown[]> =>
    (await db.query('SELECT id FROM work')).map(({ id }) => id)
  const lost = (handled: Promise<void>): Promise<void> =>
    expect(handled).rejects.toMatchObject({ code: 'claim_lost' })

  beforeAll(() => db.query('CREATE TABLE work (id text)'))
  beforeEach(() => db.query('TRUNCATE work'))

  test('commits the work and its mark together', async () => {
    await store.claim(KEY, a)
    await handle({ key: KEY, token: 'a' })
    expect(await work()).toEqual(['a'])
    expect(await store.claim(KEY, b)).toMatchObject({ state: 'done' })
    // The 2xx that follows finds the delivery done, and so does a failure after the transaction.
    expect(await store.commit(KEY, a)).toBe(true)
    await store.release(KEY, a)
    expect(await store.claim(KEY, b)).toMatchObject({ state: 'done' })
  })

  test('remembers the delivery for days although no 2xx follows', async () => {
    await store.claim(KEY, { token: 'a', lease: 1 })
    await handle({ key: KEY, token: 'a' })
    await wait(4 * 86_400)
    expect(await store.claim(KEY, b)).toMatchObject({ state: 'done' })
    await wait(86_400)
    expect(await store.claim(KEY, b)).toEqual({ state: 'claimed' })
  })

  test('fences a claim that another attempt took over, that ran out, was released or never taken', async () => {
    await lost(handle({ key: KEY, token: 'a' }))
    await store.claim(KEY, a)
    await wait(61)
    await lost(handle({ key: KEY, token: 'a' }))
    await store.claim(KEY, b)
    await lost(handle({ key: KEY, token: 'a' }))
    await handle({ key: KEY, token: 'b' })
    await lost(handle({ key: KEY, token: 'b' }))
    expect(await work()).toEqual(['b'])
  })

  test('goes by the clock of the moment, however long the transaction has been open', async () => {
    await store.claim(KEY, a)
    await db.query('BEGIN')
    // It runs out now, and the transaction has begun before.
    await db.query('UPDATE countersign_deliveries SET until = clock_timestamp()')
    await expect(store.commitWith(db, { claim: { key: KEY, token: 'a' } })).rejects.toMatchObject({
      code: 'claim_lost',
    })
    await db.query('ROLLBACK')
  })

  test('marks a key that is stored by its hash', async () => {
    const key = `${'x'.repeat(3000)} msg_1`
    await store.claim(key, a)
    await handle({ key, token: 'a' })
    expect(await store.claim(key, b)).toMatchObject({ state: 'done' })
  })
})

describe('sweep', () => {
  const keys = async (): Promise<unknown[]> =>
    (await db.query('SELECT key FROM countersign_deliveries ORDER BY key')).map(({ key }) => key)

  async function fill(expired: number): Promise<void> {
    await db.query(
      `INSERT INTO countersign_deliveries SELECT 'old ' || i, NULL, 'done', now() - i * interval '1 second'
       FROM generate_series(1, ${expired}) AS i;
       INSERT INTO countersign_deliveries VALUES ('new 1', NULL, 'done', now() + interval '1 hour'),
       ('new 2', 't', 'claimed', now() + interval '1 minute')`,
    )
  }

  test('deletes every row that has expired, and no other', async () => {
    await fill(2345)
    expect(await store.sweep()).toBe(2345)
    expect(await keys()).toEqual(['new 1', 'new 2'])
    expect(await store.sweep()).toBe(0)
  })

  test('deletes at most limit rows', async () => {
    await fill(1500)
    expect(await store.sweep({ limit: 1100 })).toBe(1100)
    expect(await keys()).toHaveLength(402)
    expect(await store.sweep({ limit: 0.5 })).toBe(1)
    expect(await store.sweep()).toBe(399)
  })

  test('reads a large table part after part', async () => {
    await fill(40_000)
    expect(await store.sweep({ limit: 25_000 })).toBe(25_000)
    expect(await store.sweep()).toBe(15_000)
    expect(await keys()).toEqual(['new 1', 'new 2'])
  })
})

describe('postgresSnapshot', () => {
  const encryptionKey = Buffer.alloc(32, 7).toString('base64')
  const snapshot = postgresSnapshot(db, { ...options, encryptionKey })

  beforeAll(async () => {
    await snapshot.migrate()
    await snapshot.migrate()
  })
  beforeEach(() => db.query('TRUNCATE countersign_snapshots'))

  test('is nothing until something is saved', async () => {
    expect(await snapshot.load()).toBeUndefined()
  })

  test('is replaced only by a newer one', async () => {
    for (const [version, isSaved] of [
      [5, true],
      [3, false],
      [9, true],
      [9, false],
      [10, true],
    ] as const) {
      expect(await snapshot.save(`text ${version}`, { version })).toBe(isSaved)
    }
    expect(await snapshot.load()).toBe('text 10')
  })

  test('that holds spaces is kept whole, under the key of the options', async () => {
    const plain = postgresSnapshot(db, { ...options, key: 'mine' })
    await plain.save('a b  c ', { version: 1 })
    expect(await plain.load()).toBe('a b  c ')
    expect(await db.query('SELECT key, version::int, snapshot FROM countersign_snapshots')).toEqual(
      [{ key: 'mine', version: 1, snapshot: 'a b  c ' }],
    )
    expect(await snapshot.load()).toBeUndefined()
  })

  test('is sealed for its place and its version', async () => {
    await snapshot.save('wh_secret', { version: 1 })
    const [row] = await db.query('SELECT * FROM countersign_snapshots')
    expect(JSON.stringify(row)).not.toContain('wh_secret')
    expect(row?.key).toBe('countersign:secret')
    await db.query('UPDATE countersign_snapshots SET version = 2')
    await expect(snapshot.load()).rejects.toThrow()
  })

  test('has a table that the SQL of schema creates', async () => {
    const named = postgresSnapshot(db, { ...options, table: 'Mine' })
    await db.query(named.schema)
    expect(await named.save('text', { version: 1 })).toBe(true)
    expect(await db.query('SELECT snapshot FROM "Mine"')).toEqual([{ snapshot: 'text' }])
  })
})
