import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type PostgresStore, type PostgresStoreOptions, postgresStore } from 'countersign/postgres'
import pg from 'pg'
import { createStatements } from '../../src/postgres/statements.js'
import { type Connected, databases } from './databases.js'
import { type PostgresServer, postgresIsInstalled, startPostgres } from './postgres-server.js'

const run = postgresIsInstalled ? test : test.skip
const KEY = '/webhooks msg_1'
const a = { token: 'a', lease: 60, ttl: 1000 }
const b = { token: 'b', lease: 60, ttl: 1000 }

let server: PostgresServer
let pool: pg.Pool
let count = 0

beforeAll(async () => {
  if (!postgresIsInstalled) return
  server = await startPostgres({ log_statement: 'all' })
  pool = new pg.Pool({ connectionString: server.url, max: 5 })
})
afterAll(async () => {
  await pool?.end()
  await server?.close()
})

/** A store over a table of its own. */
async function create(options: PostgresStoreOptions = {}): Promise<[PostgresStore, string]> {
  const table = `deliveries_${count++}`
  const store = postgresStore(pool, { table, ...options })
  await store.migrate()
  return [store, options.table ?? table]
}

async function rowsOf(table: string, columns = '*'): Promise<Record<string, string>[]> {
  return server.admin(`SELECT ${columns} FROM ${table} ORDER BY key`)
}

describe('the table', () => {
  run('is created once when ten processes migrate at once', async () => {
    for (let round = 0; round < 5; round++) {
      const table = `at_once_${round}`
      const clients = await Promise.all(
        Array.from({ length: 10 }, () => databases['pg.Client']?.(server.url)),
      )
      const stores = clients.map((each) => postgresStore((each as Connected).db, { table }))
      await Promise.all(stores.flatMap((store) => [store.migrate(), store.migrate()]))
      await Promise.all(clients.map((each) => each?.close()))
      expect(await rowsOf(table)).toEqual([])
    }
  })

  run('is the same by migrate and by the SQL of schema, which may run again', async () => {
    const [, migrated] = await create()
    const { schema } = postgresStore(pool, { table: 'by_hand' })
    await server.admin(schema)
    await server.admin(schema)
    const shape = async (table: string): Promise<unknown> => {
      const columns = await server.admin(
        `SELECT column_name, data_type, is_nullable, collation_name FROM information_schema.columns
         WHERE table_name = $1 ORDER BY 1`,
        [table],
      )
      const others = await server.admin(
        `SELECT replace(indexdef, $1, '') AS def FROM pg_indexes WHERE tablename = $1 ORDER BY 1`,
        [table],
      )
      return [columns, others]
    }
    expect(await shape('by_hand')).toEqual(await shape(migrated))
    expect(await shape('by_hand')).not.toEqual([[], []])
  })

  run('holds what the documents say: key, token, state, until', async () => {
    const [store, table] = await create()
    await store.claim(KEY, { token: 'a', lease: 12.5 })
    const left = `extract(epoch FROM until - now())::float8 AS left`
    const [claimed] = await rowsOf(table, `key, token, state, ${left}`)
    expect(claimed).toEqual({ key: KEY, token: 'a', state: 'claimed', left: expect.any(Number) })
    expect(Number(claimed?.left)).toBeGreaterThan(0)
    expect(Number(claimed?.left)).toBeLessThanOrEqual(12.5)
    await store.commit(KEY, a)
    const [done] = await rowsOf(table, `key, token, state, ${left}`)
    expect(done).toMatchObject({ key: KEY, token: null, state: 'done' })
    expect(Number(done?.left)).toBeGreaterThan(900)
  })

  run('may lie in a schema, and have capitals and any other word for a name', async () => {
    await server.admin('CREATE SCHEMA "Hooks"')
    for (const table of ['Hooks.Deliveries', 'select', 'A'.repeat(63), `Hooks.${'b'.repeat(63)}`]) {
      const [store] = await create({ table })
      await store.migrate()
      expect(await store.claim(KEY, a)).toEqual({ state: 'claimed' })
    }
    expect(await rowsOf('"Hooks"."Deliveries"')).toHaveLength(1)
  })

  run('need not be created by the role that uses it', async () => {
    const [, table] = await create()
    await server.admin(`CREATE ROLE app LOGIN`)
    await server.admin(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO app`)
    const client = new pg.Client(server.url.replace('postgres@', 'app@'))
    await client.connect()
    const store = postgresStore(client, { table })
    await store.migrate()
    expect(await store.claim(KEY, a)).toEqual({ state: 'claimed' })
    expect(await store.commit(KEY, a)).toBe(true)
    expect(await store.sweep()).toBe(0)
    await client.end()
  })

  run('that is missing is named, with the way out', async () => {
    const store = postgresStore(pool, { table: 'nobody_made_it' })
    await expect(Promise.resolve(store.claim(KEY, a))).rejects.toThrow(
      'the table nobody_made_it does not exist: call migrate() once',
    )
  })
})

describe('one operation', () => {
  let marks = 0

  /** Counts the statements so far. The server's log arrives late but in order, so a statement that marks the place ends it. */
  async function statements(): Promise<number> {
    const mark = `place ${++marks}`
    await pool.query(`SELECT '${mark}'`)
    while (!server.log().includes(mark)) await new Promise((resolve) => setImmediate(resolve))
    const lines =
      server
        .log()
        .split(mark)[0]
        ?.match(/LOG: {2}(statement|execute).*/g) ?? []
    return lines.filter((line) => !line.includes("SELECT 'place")).length
  }

  run.each(['pg.Pool', 'postgres'])('is one statement, over %s', async (name) => {
    const connected = (await databases[name]?.(server.url)) as Connected
    const [, table] = await create()
    const store = postgresStore(connected.db, { table })
    for (const each of [a, b]) await store.claim(KEY, each)
    const before = await statements()
    await store.claim(KEY, b)
    await store.claim(KEY, a)
    await store.claim('other', a)
    await store.commit(KEY, a)
    await store.release('other', a)
    expect((await statements()) - before).toBe(5)
    await connected.close()
  })

  run('of a duplicate only reads', async () => {
    const [store, table] = await create()
    for (const key of ['claimed', 'done']) await store.claim(key, a)
    await store.commit('done', a)
    const before = await rowsOf(table, 'ctid, xmin, xmax')
    expect(await store.claim('claimed', b)).toMatchObject({ state: 'in_progress' })
    expect(await store.claim('done', b)).toEqual({ state: 'done' })
    expect(await rowsOf(table, 'ctid, xmin, xmax')).toEqual(before)
  })

  run('of a commit leaves every index as it is', async () => {
    const [, table] = await create()
    await server.admin(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`)
    const own = new pg.Pool({ connectionString: server.url, max: 10 })
    const store = postgresStore(own, { table, sweep: false, timeout: 10 })
    for (let round = 0; round < 30; round++) {
      const keys = Array.from({ length: 10 }, (_, i) => `/webhooks msg_${round * 10 + i}`)
      await Promise.all(keys.map((key) => store.claim(key, a)))
      await Promise.all(keys.map((key) => store.commit(key, a)))
    }
    const updates = async (): Promise<Record<string, number> | undefined> => {
      const [row] = await server.admin<Record<string, number>>(
        `SELECT n_tup_upd::int AS all, n_tup_hot_upd::int AS hot FROM pg_stat_user_tables WHERE relname = $1`,
        [table],
      )
      return row
    }
    // A connection reports its numbers when it ends.
    await own.end()
    while ((await updates())?.all !== 300) await new Promise((resolve) => setTimeout(resolve, 20))
    expect((await updates())?.hot).toBeGreaterThan(290)
  })

  run('says how long the lease of another lasts', async () => {
    const [store] = await create()
    await store.claim(KEY, a)
    expect(await store.claim(KEY, b)).toEqual({
      state: 'in_progress',
      retryAfter: expect.closeTo(60, -1),
    })
  })

  run('prepares each statement once, under a name of its own', async () => {
    const client = new pg.Client(server.url)
    await client.connect()
    const [, table] = await create()
    const store = postgresStore(client, { table, sweep: false })
    for (const key of ['a', 'b', 'c']) {
      expect(await store.claim(key, a)).toEqual({ state: 'claimed' })
      expect(await store.commit(key, a)).toBe(true)
      await store.release(key, a)
    }
    const { rows } = await client.query('SELECT name FROM pg_prepared_statements')
    expect(rows).toHaveLength(3)
    await client.end()
  })

  run('works on when a pooler has lost the prepared statements', async () => {
    const client = new pg.Client(server.url)
    await client.connect()
    const [, table] = await create()
    const store = postgresStore(client, { table })
    expect(await store.claim(KEY, a)).toEqual({ state: 'claimed' })
    await server.admin('SELECT 1')
    await client.query('DEALLOCATE ALL')
    expect(await store.claim(KEY, b)).toMatchObject({ state: 'in_progress' })
    expect(await store.commit(KEY, a)).toBe(true)
    await client.end()
  })

  run('lets one claim win at most, whatever isolation the database asks for', async () => {
    for (const level of ['read committed', 'repeatable read', 'serializable']) {
      const options = `-c default_transaction_isolation=${level.replace(' ', '\\ ')}`
      const strict = new pg.Pool({ connectionString: server.url, options, max: 8 })
      const [, table] = await create()
      const store = postgresStore(strict, { table, timeout: 10 })
      const claims = Array.from({ length: 60 }, (_, i) =>
        Promise.resolve(store.claim(KEY, { token: `t${i}`, lease: 60 })),
      )
      const states = (await Promise.allSettled(claims)).map((result) =>
        result.status === 'fulfilled' ? result.value.state : result.reason.code,
      )
      expect(states.filter((state) => state === 'claimed')).toHaveLength(1)
      expect(new Set(states)).not.toContain('done')
      await strict.end()
    }
  })
})

describe('a row that a transaction has locked', () => {
  let store: PostgresStore
  let table: string
  let holder: pg.Client

  beforeEach(async () => {
    if (!postgresIsInstalled) return
    ;[store, table] = await create({ timeout: 0.5 })
    holder = new pg.Client(server.url)
    await holder.connect()
  })

  async function lock(): Promise<void> {
    await holder.query(`BEGIN; SELECT FROM ${table} WHERE key = '${KEY}' FOR UPDATE`)
  }

  run('holds up neither a duplicate nor a renewal', async () => {
    await store.claim(KEY, a)
    await lock()
    expect(await store.claim(KEY, b)).toMatchObject({ state: 'in_progress' })
    expect(await store.claim(KEY, a)).toEqual({ state: 'claimed' })
    await holder.end()
  })

  run('is in progress although the lease has run out', async () => {
    await store.claim(KEY, a)
    await server.admin(`UPDATE ${table} SET until = now() - interval '1 second'`)
    await lock()
    expect(await store.claim(KEY, b)).toEqual({ state: 'in_progress', retryAfter: 0 })
    await holder.end()
    expect(await store.claim(KEY, b)).toEqual({ state: 'claimed' })
  })

  run('makes commit and release fail within the time-out, and leaves nothing behind', async () => {
    await store.claim(KEY, a)
    await lock()
    await expect(Promise.resolve(store.release(KEY, a))).rejects.toMatchObject({ code: '55P03' })
    await expect(Promise.resolve(store.commit(KEY, a))).rejects.toMatchObject({ code: '55P03' })
    const [{ waiting } = {}] = await server.admin(
      `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE wait_event_type = 'Lock'`,
    )
    expect(waiting).toBe(0)
    await holder.end()
    expect(await store.commit(KEY, a)).toBe(true)
  })
})

describe('sweep', () => {
  async function fill(table: string, expired: number): Promise<void> {
    await server.admin(
      `INSERT INTO ${table} SELECT 'old ' || i, NULL, 'done', now() - i * interval '1 second'
       FROM generate_series(1, ${expired}) AS i`,
    )
    await server.admin(
      `INSERT INTO ${table} VALUES ('new 1', NULL, 'done', now() + interval '1 hour'),
       ('new 2', 't', 'claimed', now() + interval '1 minute')`,
    )
  }
  const left = async (table: string): Promise<number> => (await rowsOf(table)).length

  run('deletes every row that has expired, and no other', async () => {
    const [store, table] = await create()
    await fill(table, 2345)
    await store.claim('ran out', { token: 'a', lease: 0.001 })
    expect(await store.sweep()).toBe(2346)
    expect((await rowsOf(table)).map(({ key }) => key)).toEqual(['new 1', 'new 2'])
    expect(await store.sweep()).toBe(0)
  })

  run('deletes at most limit rows', async () => {
    const [store, table] = await create()
    await fill(table, 2345)
    expect(await store.sweep({ limit: 1100 })).toBe(1100)
    expect(await left(table)).toBe(2345 - 1100 + 2)
    expect(await store.sweep({ limit: 0.5 })).toBe(1)
    expect(await store.sweep()).toBe(1244)
  })

  run('reads a large table part after part', async () => {
    const [store, table] = await create({ timeout: 10 })
    await fill(table, 60_000)
    expect(await store.sweep({ limit: 25_000 })).toBe(25_000)
    expect(await store.sweep()).toBe(35_000)
    expect(await left(table)).toBe(2)
  })

  run('reads a part of the table alone, however many claims an old transaction keeps', async () => {
    const [, table] = await create()
    await server.admin(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`)
    const old = new pg.Client(server.url)
    await old.connect()
    await old.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1')
    const expires = `now() - i * interval '1 second'`
    await server.admin(
      `INSERT INTO ${table} SELECT 'old ' || i, 't', 'claimed', ${expires} FROM generate_series(1, 60000) AS i`,
    )
    // As many dead rows as there are deliveries, and Postgres may not remove one of them.
    await server.admin(
      `UPDATE ${table} SET token = NULL, state = 'done', until = now() + interval '5 days'`,
    )
    const client = new pg.Client(server.url)
    await client.connect()
    await client.query(
      `PREPARE sweep (text, text) AS ${createStatements(`"${table}"`).sweep};
       SET plan_cache_mode = force_generic_plan`,
    )
    const explain = 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE sweep'
    const { rows } = await client.query(`${explain} ('1000', '0')`)
    const { Plan: plan } = rows[0]['QUERY PLAN'][0]
    expect(JSON.stringify(plan)).toContain('"Tid Range Scan"')
    expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).toBeLessThan(400)
    await Promise.all([old.end(), client.end()])
  })

  run('skips rows that are in use, and does not wait', async () => {
    const [store, table] = await create()
    await fill(table, 10)
    const client = await pool.connect()
    await client.query(`BEGIN; SELECT FROM ${table} WHERE key = 'old 5' FOR UPDATE`)
    expect(await store.sweep()).toBe(9)
    await client.query('ROLLBACK')
    client.release()
    expect(await store.sweep()).toBe(1)
  })

  run('of a partitioned table deletes no row at the place of an expired one', async () => {
    await server.admin(
      `CREATE TABLE parted (key text COLLATE "C" PRIMARY KEY, token text, state text NOT NULL,
        until timestamptz NOT NULL, digest text) PARTITION BY LIST (key);
       CREATE TABLE parted_old PARTITION OF parted FOR VALUES IN ('old');
       CREATE TABLE parted_new PARTITION OF parted FOR VALUES IN ('new');
       INSERT INTO parted VALUES ('old', NULL, 'done', now() - interval '1 second'),
         ('new', NULL, 'done', now() + interval '1 hour')`,
    )
    expect(await postgresStore(pool, { table: 'parted' }).sweep()).toBe(1)
    expect(await rowsOf('parted', 'key')).toEqual([{ key: 'new' }])
  })

  run('of several processes at once deletes each row once', async () => {
    const [store, table] = await create()
    await fill(table, 3000)
    const counts = await Promise.all(Array.from({ length: 4 }, () => store.sweep()))
    const rest = await store.sweep()
    expect(counts.reduce((sum, each) => sum + each, rest)).toBe(3000)
  })

  run('runs by itself now and then, unless sweep is false', async () => {
    const [own, owned] = await create()
    const [never, untouched] = await create({ sweep: false })
    for (const table of [owned, untouched]) await fill(table, 700)
    for (let i = 0; i < 500; i++) {
      await Promise.all([own.claim('new 2', b), never.claim('new 2', b)])
    }
    while ((await left(owned)) > 2) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await left(untouched)).toBe(702)
  })

  run.each([{ limit: 0 }, { limit: -1 }, { limit: Number.NaN }, { limits: 5 }])(
    '%p is refused',
    async (options) => {
      const [store] = await create()
      await expect(store.sweep(options as never)).rejects.toThrow(TypeError)
    },
  )
})
