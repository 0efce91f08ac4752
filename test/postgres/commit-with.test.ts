import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { isWebhookError } from 'countersign'
import { type PostgresStore, type PostgresTransaction, postgresStore } from 'countersign/postgres'
import pg from 'pg'
import postgres from 'postgres'
import { type PostgresServer, postgresIsInstalled, startPostgres } from './postgres-server.js'
import { type Transactions, transactions } from './transactions.js'

const run = postgresIsInstalled ? test : test.skip
const a = { key: '/webhooks msg_1', token: 'a', lease: 60, ttl: 1000 }
const b = { ...a, token: 'b' }

let server: PostgresServer
beforeAll(async () => {
  if (postgresIsInstalled) server = await startPostgres()
})
afterAll(() => server?.close())

describe.each(Object.keys(transactions))('commitWith in a transaction of %s', (name) => {
  let world: Transactions
  let store: PostgresStore

  beforeAll(async () => {
    if (!postgresIsInstalled) return
    world = await (transactions[name] as (typeof transactions)[string])(server.url)
    store = postgresStore({
      // The transaction sees what the store sees, also if it is PGlite, which has one connection.
      query: (text, params) =>
        world.run(async (tx) => {
          const send = tx as { unsafe?: pg.Client['query']; query?: pg.Client['query'] }
          if (send.unsafe) return send.unsafe(text, params)
          return send.query ? send.query(text, params) : (tx as pg.Client['query'])(text, params)
        }),
    })
    await store.migrate()
    await world.run((tx) => world.query(tx, 'DROP TABLE IF EXISTS work'))
    await world.run((tx) => world.query(tx, 'CREATE TABLE work (id text)'))
  })
  beforeEach(async () => {
    if (!postgresIsInstalled) return
    await world.run((tx) => world.query(tx, 'TRUNCATE work, countersign_deliveries'))
  })
  afterAll(() => world?.close())

  /** The handler's transaction: its work and the mark. */
  function handle(claim: typeof a, then?: (tx: PostgresTransaction) => Promise<void>) {
    return world.run(async (tx) => {
      await world.query(tx, `INSERT INTO work VALUES ('${claim.token}')`)
      await store.commitWith(tx, { claim })
      await then?.(tx)
    })
  }

  async function workDone(): Promise<readonly string[]> {
    const answer = await world.run((tx) => world.query(tx, 'SELECT id FROM work'))
    const rows = (Array.isArray(answer) ? answer : (answer as pg.QueryResult).rows) as {
      id: string
    }[]
    return rows.map(({ id }) => id)
  }

  async function expectLost(work: Promise<unknown>): Promise<void> {
    const error = await work.then(
      () => undefined,
      (thrown) => thrown,
    )
    expect(isWebhookError(error) && error.code).toBe('claim_lost')
  }

  run('the work and its mark commit together', async () => {
    await store.claim(a.key, a)
    await handle(a)
    expect(await workDone()).toEqual(['a'])
    expect(await store.claim(a.key, b)).toEqual({ state: 'done' })
    // The 2xx that follows finds the delivery already done, and so does a failure after the transaction.
    expect(await store.commit(a.key, a)).toBe(true)
    await store.release(a.key, a)
    expect(await store.claim(a.key, b)).toEqual({ state: 'done' })
  })

  run('neither commits if the handler fails after the mark', async () => {
    await store.claim(a.key, a)
    const fail = async (): Promise<void> => Promise.reject(new Error('after the mark'))
    await expect(handle(a, fail)).rejects.toThrow('after the mark')
    expect(await workDone()).toEqual([])
    expect(await store.claim(a.key, b)).toMatchObject({ state: 'in_progress' })
    await handle(a)
    expect(await workDone()).toEqual(['a'])
  })

  run('a claim that another attempt has taken over is lost', async () => {
    await store.claim(a.key, { token: 'a', lease: 0.001 })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await store.claim(a.key, b)).toEqual({ state: 'claimed' })
    await expectLost(handle(a))
    expect(await workDone()).toEqual([])
    await handle(b)
    await expectLost(handle(a))
    await expectLost(handle(b))
    expect(await workDone()).toEqual(['b'])
  })

  run('a lease that ran out is lost, until it is renewed', async () => {
    await store.claim(a.key, { token: 'a', lease: 0.001 })
    await new Promise((resolve) => setTimeout(resolve, 20))
    await expectLost(handle(a))
    await store.claim(a.key, a)
    await handle(a)
    expect(await workDone()).toEqual(['a'])
  })

  run('a claim that was released, or never taken, is lost', async () => {
    await expectLost(handle(a))
    await store.claim(a.key, a)
    await store.release(a.key, a)
    await expectLost(handle(a))
    expect(await workDone()).toEqual([])
  })

  run('long keys and odd ones are marked under the name they are stored by', async () => {
    for (const key of [
      `${'x'.repeat(3000)} msg_1`,
      '/caf\u00e9 msg_1',
      "/o'clock msg_1",
      '/\0 m',
    ]) {
      await store.claim(key, a)
      await handle({ ...a, key })
      expect(await store.claim(key, b)).toEqual({ state: 'done' })
    }
  })

  run('a webhook without a claim is a mistake', async () => {
    for (const webhook of [{}, { claim: undefined }, { claim: { key: 'x' } as never }]) {
      const work = world.run((tx) => store.commitWith(tx, webhook))
      await expect(work).rejects.toThrow('the webhook has no claim')
    }
  })
})

describe('commitWith beside other attempts', () => {
  const runs = postgresIsInstalled ? test : test.skip
  let pool: pg.Pool
  let store: PostgresStore
  let held: pg.PoolClient

  beforeEach(async () => {
    if (!postgresIsInstalled) return
    pool = new pg.Pool({ connectionString: server.url, max: 10 })
    store = postgresStore(pool)
    await store.migrate()
    await pool.query('TRUNCATE countersign_deliveries')
    held = await pool.connect()
  })

  /** An open transaction that has marked the delivery. */
  async function mark(level = ''): Promise<void> {
    await store.claim(a.key, a)
    await held.query(`BEGIN ${level}`)
    await store.commitWith(held, { claim: a })
  }
  async function end(how: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    await held.query(how)
    held.release()
    const after = await store.claim(a.key, b)
    expect(after.state).toBe(how === 'COMMIT' ? 'done' : 'in_progress')
    await pool.end()
  }
  const letTheLeaseRunOut = (): Promise<unknown> =>
    pool.query(`UPDATE countersign_deliveries SET until = now() - interval '1 second'`)

  runs(
    'while the transaction is open, the delivery is in progress, and renewals go on',
    async () => {
      await mark()
      expect(await store.claim(a.key, b)).toMatchObject({ state: 'in_progress' })
      expect(await store.claim(a.key, a)).toEqual({ state: 'claimed' })
      expect(await store.sweep()).toBe(0)
      await end('COMMIT')
    },
  )

  runs('after a rollback it is claimed as before', async () => {
    await mark()
    await end('ROLLBACK')
  })

  runs('a transaction that outlives its lease keeps the delivery', async () => {
    await store.claim(a.key, { token: 'a', lease: 0.2 })
    await held.query('BEGIN')
    await store.commitWith(held, { claim: a })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await store.claim(a.key, b)).toMatchObject({ state: 'in_progress' })
    expect(await store.sweep()).toBe(0)
    await end('COMMIT')
  })

  runs.each(['ISOLATION LEVEL REPEATABLE READ', 'ISOLATION LEVEL SERIALIZABLE'])(
    'in a transaction with %s, a takeover since its first statement is seen',
    async (level) => {
      await store.claim(a.key, a)
      await held.query(`BEGIN ${level}`)
      await held.query('SELECT count(*) FROM countersign_deliveries')
      await letTheLeaseRunOut()
      expect(await store.claim(a.key, b)).toEqual({ state: 'claimed' })
      await expect(store.commitWith(held, { claim: a })).rejects.toMatchObject({ code: '40001' })
      await held.query('ROLLBACK')
      held.release()
      expect(await store.commit(a.key, b)).toBe(true)
      await pool.end()
    },
  )

  runs('of two transactions with the same claim, one commits', async () => {
    await mark()
    const other = await pool.connect()
    await other.query('BEGIN')
    const second = store.commitWith(other, { claim: a })
    const outcome = expect(second).rejects.toMatchObject({ code: 'claim_lost' })
    await held.query('COMMIT')
    held.release()
    await outcome
    await other.query('ROLLBACK')
    other.release()
    await pool.end()
  })

  runs('what is not a transaction is refused', async () => {
    const sql = postgres(server.url)
    const knexLike = Object.assign(async () => [], { raw: async () => [] })
    const webhook = { claim: a }
    for (const tx of [pool, held, sql]) {
      await expect(store.commitWith(tx as never, webhook)).rejects.toThrow(/^tx must be the tr/)
    }
    for (const tx of [undefined, null, {}, 'tx', knexLike, { execute: async () => [] }]) {
      await expect(store.commitWith(tx as never, webhook)).rejects.toThrow(/^tx must be/)
    }
    for (const answer of [undefined, 1, { count: 1 }]) {
      const tx = async (): Promise<unknown> => answer
      await expect(store.commitWith(tx, webhook)).rejects.toThrow(/must be a list of rows/)
    }
    await sql.end()
    held.release()
    await pool.end()
  })
})
