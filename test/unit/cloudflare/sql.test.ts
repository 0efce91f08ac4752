import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { d1Store } from 'countersign/cloudflare'
import { storeContract } from 'countersign/testing'
import { startPglite } from '../../support/pglite.js'

// `npm run test:cloudflare` runs the statements on SQLite. Here they run in the dialect of Postgres, which needs no runtime of Cloudflare.
const db = startPglite()

const DIALECT: readonly [of: RegExp, is: string][] = [
  [/CAST\(unixepoch\('subsec'\) \* 1000 AS INTEGER\)/g, 'now_in_ms()'],
  [/until INTEGER/, 'until bigint'],
  [/ WITHOUT ROWID/, ''],
  [/LIMIT \?1/, 'LIMIT $1::text::bigint'],
  [/\+ \?3/, '+ $3::text::bigint'],
  [/\?(\d)/g, '$$$1::text'],
]

interface Statement {
  bind(...values: unknown[]): Statement
  all(): Promise<{ results: unknown[] }>
}

/** Postgres keeps no NUL, so texts are stored as JSON. */
function prepare(text: string, values: readonly unknown[] = []): Statement {
  const query = DIALECT.reduce((sql, [of, is]) => sql.replace(of, is), text)
  const params = values.map((value) =>
    typeof value === 'string' ? JSON.stringify(value) : String(value),
  )
  return {
    bind: (...bound) => prepare(text, bound),
    async all() {
      const rows = await db.query(query, params)
      const results = rows.map((row) => {
        const entries = Object.entries(row).map(([name, value]) => [
          name,
          typeof value === 'string' ? JSON.parse(value) : value,
        ])
        return Object.fromEntries(entries)
      })
      return { results }
    },
  }
}

async function batch(statements: Statement[]): Promise<unknown[]> {
  const all = []
  for (const statement of statements) all.push(await statement.all())
  return all
}

const store = d1Store({ prepare, batch } as never, { timeout: 170, sweep: false })
const a = { token: 'a', lease: 60, ttl: 1000 }
const b = { ...a, token: 'b' }
const wait = (seconds: number): Promise<unknown> =>
  db.query(`UPDATE countersign_deliveries SET until = until - ${seconds} * 1000`)

beforeAll(async () => {
  await db.query(
    `CREATE FUNCTION now_in_ms() RETURNS bigint
     RETURN floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint`,
  )
  await store.migrate()
  // The database may start slowly beside other tests.
}, 180_000)
beforeEach(() => db.query('TRUNCATE countersign_deliveries'))
afterAll(() => db.close())

describe('the statements for D1 and Durable Objects keep the rules of every store', () => {
  for (const { name, run } of storeContract(() => store, { wait, lease: 10, digest: true })) {
    test(name, run)
  }
})

test('the table can be created again, and is named by the option', async () => {
  await store.claim('key', a)
  await store.migrate()
  expect(await store.claim('key', b)).toMatchObject({ state: 'in_progress' })
  const other = d1Store({ prepare, batch } as never, { table: 'other', timeout: 170 })
  await other.migrate()
  expect(await other.claim('key', b)).toEqual({ state: 'claimed' })
  expect(await db.query('SELECT token FROM other')).toHaveLength(1)
})

test('a claim that is taken says how long the lease of the holder lasts', async () => {
  await store.claim('key', a)
  const taken = await store.claim('key', b)
  expect(taken).toMatchObject({ state: 'in_progress', retryAfter: expect.closeTo(60, -1) })
})

test('an attempt commits although its lease and that of its successor ran out', async () => {
  await store.claim('key', { token: 'a', lease: 1 })
  await wait(2)
  await store.claim('key', { token: 'b', lease: 1 })
  expect(await store.commit('key', a)).toBe(false)
  await wait(2)
  expect(await store.commit('key', a)).toBe(true)
  expect(await store.claim('key', b)).toMatchObject({ state: 'done' })
})

test('sweep deletes what has expired, the oldest first, and nothing else', async () => {
  for (const [key, lease] of Object.entries({ old: 1, older: 0.5, new: 60 })) {
    await store.claim(key, { token: 'a', lease })
  }
  await wait(2)
  const keys = async (): Promise<unknown> => db.query('SELECT key FROM countersign_deliveries')
  expect(await store.sweep({ limit: 1 })).toBe(1)
  expect(await keys()).toEqual([{ key: '"old"' }, { key: '"new"' }])
  expect(await store.sweep()).toBe(1)
  expect(await keys()).toEqual([{ key: '"new"' }])
  expect(await store.sweep()).toBe(0)
})
