import { EventEmitter } from 'node:events'
import { describe, expect, test } from '@jest/globals'
import { type PostgresDatabase, type PostgresStore, postgresStore } from 'countersign/postgres'
import { manualTimers } from '../../support/manual-timers.js'

const KEY = '/webhooks msg_1'
const a = { token: 'a', lease: 60, ttl: 60 }
const CLAIMED = { rows: [{ answer: 'claimed' }] }

/** A statement that a client has sent and that is not answered yet. */
interface Sent {
  readonly text: string
  readonly name: string | undefined
  readonly params: string[]
  answer(value: unknown): void
  fail(code: string): void
}

function createStatements() {
  const sent: Sent[] = []
  const query = (first: string | { text: string; name: string; values: string[] }, more = []) =>
    new Promise((answer, reject) => {
      const { text, name, values } =
        typeof first === 'string' ? { text: first, name: undefined, values: more } : first
      const fail = (code: string): void => reject(Object.assign(new Error(code), { code }))
      sent.push({ text, name, params: values, answer, fail })
    })
  return { sent, query }
}

/** A `Client` of pg, as far as the store can see it. */
function createClient() {
  const { sent, query } = createStatements()
  const client = Object.assign(new EventEmitter(), {
    query,
    connect() {},
    escapeIdentifier() {},
    released: [] as unknown[],
    release(isBroken?: boolean) {
      client.released.push(isBroken)
    },
  })
  return { client, sent }
}

/** A `Pool` of pg that lends this one client whenever the test says so. */
function createPool() {
  const { client, sent } = createClient()
  const lend: (() => void)[] = []
  const connect = () => new Promise((resolve) => lend.push(() => resolve(client)))
  const pool = Object.assign(new EventEmitter(), { query() {}, connect, totalCount: 0 })
  return { pool, client, sent, lend }
}

/** `sql` of the postgres package. */
function createSql() {
  const { sent, query } = createStatements()
  const options: unknown[] = []
  const unsafe = (text: string, params: string[], given: unknown): unknown => {
    options.push(given)
    return query(text, params as never)
  }
  return { sql: Object.assign(() => {}, { unsafe }), sent, options }
}

function storeOver(db: unknown, options: object = {}) {
  const timers = manualTimers()
  const store = postgresStore(db as PostgresDatabase, {
    sweep: false,
    timeout: 2,
    ...timers.options,
    ...options,
  })
  return { store, timers }
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

/** Rejects as an operation does whose time runs out. */
async function runOut(
  operation: Promise<unknown>,
  { run }: { run(): Promise<void> },
): Promise<void> {
  const outcome = expect(operation).rejects.toThrow('Postgres did not answer within 2000 ms')
  await settled()
  await Promise.all([outcome, run()])
}

const claimOf = async (store: PostgresStore, key = KEY): Promise<unknown> => store.claim(key, a)

describe('a Pool of pg', () => {
  test('gets its client back after each answer and each failure', async () => {
    const { pool, client, sent, lend } = createPool()
    const { store } = storeOver(pool)
    const claim = claimOf(store)
    await settled()
    lend[0]?.()
    await settled()
    expect(client.released).toEqual([])
    // An error of a connection that no listener hears ends the process.
    expect(client.listenerCount('error')).toBe(1)
    sent[0]?.answer(CLAIMED)
    expect(await claim).toEqual({ state: 'claimed' })
    const failing = expect(claimOf(store)).rejects.toThrow('08006')
    await settled()
    lend[1]?.()
    await settled()
    sent[1]?.fail('08006')
    await failing
    expect(client.released).toEqual([undefined, undefined])
    expect(client.listenerCount('error')).toBe(0)
  })

  test('closes the connection of a statement whose time runs out, and hears its end', async () => {
    const { pool, client, sent, lend } = createPool()
    const { store, timers } = storeOver(pool)
    const claim = claimOf(store)
    await settled()
    lend[0]?.()
    await settled()
    await runOut(claim, timers)
    expect(client.released).toEqual([true])
    sent[0]?.fail('57P01')
    await settled()
    expect(client.released).toEqual([true])
    expect(client.listenerCount('error')).toBe(1)
  })

  test('is sent nothing for a claim whose time ran out before there was a client', async () => {
    const { pool, client, sent, lend } = createPool()
    const { store, timers } = storeOver(pool)
    await runOut(claimOf(store), timers)
    lend[0]?.()
    await settled()
    expect(sent).toEqual([])
    expect(client.released).toEqual([undefined])
  })

  test('has a listener for errors, unless the application has one', () => {
    const { pool } = createPool()
    storeOver(pool)
    storeOver(pool)
    expect(pool.listenerCount('error')).toBe(1)
    const own = createPool().pool.on('error', () => {})
    storeOver(own)
    expect(own.listenerCount('error')).toBe(1)
  })
})

describe('a Client of pg', () => {
  test('is sent one statement after another', async () => {
    const { client, sent } = createClient()
    const { store } = storeOver(client)
    const claims = Promise.allSettled(['a', 'b'].map((key) => claimOf(store, key)))
    await settled()
    expect(sent.map(({ params }) => params[0])).toEqual(['a'])
    sent[0]?.fail('XX000')
    await settled()
    expect(sent.map(({ params }) => params[0])).toEqual(['a', 'b'])
    sent[1]?.answer(CLAIMED)
    expect(await claims).toMatchObject([
      { reason: { code: 'XX000' } },
      { value: { state: 'claimed' } },
    ])
  })

  test('is not sent a statement whose time ran out in the queue', async () => {
    const { client, sent } = createClient()
    const { store, timers } = storeOver(client)
    const outcomes = Promise.allSettled(['a', 'b'].map((key) => claimOf(store, key)))
    await settled()
    await timers.run()
    sent[0]?.fail('XX000')
    await settled()
    expect(sent).toHaveLength(1)
    expect(await outcomes).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }])
  })

  test('prepares each statement under a name of its own, and uses it again', async () => {
    const { client, sent } = createClient()
    const { store } = storeOver(client)
    const answers = ['claimed', 'done', 'released']
    for (let round = 0; round < 2; round++) {
      for (const [i, run] of [store.claim, store.commit, store.release].entries()) {
        const result = (run as typeof store.claim)(KEY, a)
        await settled()
        sent.at(-1)?.answer({ rows: [{ answer: answers[i] }] })
        await result
      }
    }
    const names = sent.map(({ name }) => name)
    expect(new Set(names).size).toBe(3)
    expect(names.slice(3)).toEqual(names.slice(0, 3))
    for (const name of names) expect(name).toMatch(/^countersign_\w{1,50}$/)
  })

  test.each(['26000', '42P05'])(
    'whose pooler loses prepared statements (%s) gets the text, now and from then on',
    async (code) => {
      const { client, sent } = createClient()
      const { store } = storeOver(client)
      const claim = claimOf(store)
      await settled()
      sent[0]?.fail(code)
      await settled()
      expect(sent[1]).toMatchObject({ name: undefined, text: sent[0]?.text })
      expect(sent[1]?.params).toEqual(sent[0]?.params)
      sent[1]?.answer(CLAIMED)
      expect(await claim).toEqual({ state: 'claimed' })
      claimOf(store)
      await settled()
      expect(sent[2]?.name).toBeUndefined()
    },
  )

  test.each(['26000', '57014'])(
    'is sent nothing again after the time, nor for another failure (%s)',
    async (code) => {
      const { client, sent } = createClient()
      const { store, timers } = storeOver(client)
      const claim = claimOf(store)
      await settled()
      if (code === '26000') await runOut(claim, timers)
      sent[0]?.fail(code)
      await Promise.resolve(claim).catch(() => {})
      await settled()
      expect(sent).toHaveLength(1)
    },
  )

  test('creates the table with text, which may be several statements', async () => {
    const { client, sent } = createClient()
    const { store, timers } = storeOver(client)
    const migrated = store.migrate()
    await settled()
    expect(sent[0]).toMatchObject({ name: undefined, params: [] })
    // A deployment waits for it, however long it takes.
    expect(timers.waiting).toEqual([])
    sent[0]?.answer({ rows: [] })
    await migrated
  })
})

describe('a postgres instance', () => {
  test('prepares its statements', async () => {
    const { sql, sent, options } = createSql()
    const { store } = storeOver(sql)
    const claim = claimOf(store)
    await settled()
    sent[0]?.answer([{ answer: 'claimed' }])
    expect(await claim).toEqual({ state: 'claimed' })
    store.migrate()
    await settled()
    expect(options).toEqual([{ prepare: true }, { prepare: false }])
  })

  test('that has lost a connection gets the next statement when it has noticed the end of it', async () => {
    const { sql, sent } = createSql()
    const { store, timers } = storeOver(sql)
    const [first, second] = [claimOf(store), claimOf(store)]
    await settled()
    sent[0]?.fail('ECONNRESET')
    await expect(first).rejects.toThrow('ECONNRESET')
    const released = store.release(KEY, a)
    await settled()
    sent[1]?.fail('ECONNRESET')
    await expect(second).rejects.toThrow('ECONNRESET')
    expect(sent).toHaveLength(2)
    expect(timers.waiting).toEqual([10, 2000])
    timers.run()
    await expect(released).rejects.toThrow('did not answer within 2000 ms')
    await settled()
    expect(sent).toHaveLength(2)
    const claim = claimOf(store)
    await settled()
    sent[2]?.answer([{ answer: 'claimed' }])
    expect(await claim).toEqual({ state: 'claimed' })
  })

  test('that keeps 100 statements without an answer gets no more, until one is answered', async () => {
    const { sql, sent } = createSql()
    const { store, timers } = storeOver(sql)
    const giveUp = async (count: number): Promise<void> => {
      const claims = Array.from({ length: count }, () => claimOf(store))
      await Promise.all([Promise.allSettled(claims), settled().then(timers.run)])
    }
    await giveUp(99)
    expect(sent).toHaveLength(99)
    await giveUp(1)
    await expect(claimOf(store)).rejects.toThrow('Postgres has not answered 100 earlier statements')
    expect(sent).toHaveLength(100)
    sent[0]?.answer([])
    await settled()
    await giveUp(1)
    expect(sent).toHaveLength(101)
    await expect(claimOf(store)).rejects.toThrow('100 earlier statements')
  })

  test('whose statements are answered in time keeps none', async () => {
    const { sql, sent } = createSql()
    const { store, timers } = storeOver(sql)
    for (let i = 0; i < 150; i++) {
      const claim = claimOf(store)
      await settled()
      sent[i]?.answer([{ answer: 'claimed' }])
      expect(await claim).toEqual({ state: 'claimed' })
    }
    const claims = Array.from({ length: 100 }, () => claimOf(store))
    await Promise.all([Promise.allSettled(claims), settled().then(timers.run)])
    await expect(claimOf(store)).rejects.toThrow('100 earlier statements')
  })
})

test('anything else with query(text, params) is sent the text and the parameters', async () => {
  const calls: unknown[][] = []
  const query = async (...args: unknown[]): Promise<unknown> => {
    calls.push(args)
    return [{ answer: 'claimed' }]
  }
  // PGlite and wrappers may have more of what a client of pg has.
  for (const db of [{ query }, { query, connect() {} }, { query, totalCount: 1 }]) {
    expect(await claimOf(storeOver(db).store)).toEqual({ state: 'claimed' })
  }
  expect(calls).toHaveLength(3)
  for (const call of calls) expect(call).toEqual([expect.any(String), [KEY, 'a', '60', '']])
})

describe('the time of an operation', () => {
  test('leaves no timer behind, and a late claim is released', async () => {
    const { sql, sent } = createSql()
    const { store, timers } = storeOver(sql)
    const claim = claimOf(store)
    await settled()
    expect(timers.waiting).toEqual([2000])
    await runOut(claim, timers)
    sent[0]?.answer([{ answer: 'claimed' }])
    await settled()
    expect(sent[1]?.text).toMatch(/^DELETE/)
    expect(sent[1]?.params).toEqual([KEY, 'a'])
    sent[1]?.answer([])
    await settled()
    expect(timers.waiting).toEqual([])
  })

  test.each(['renewed', 'done', '12.5'])('a late answer %p releases nothing', async (answer) => {
    const { sql, sent } = createSql()
    const { store, timers } = storeOver(sql)
    const claim = claimOf(store)
    await settled()
    await runOut(claim, timers)
    sent[0]?.answer([{ answer }])
    await settled()
    expect(sent).toHaveLength(1)
  })

  test.each([
    [0.0001, 1, '1'],
    [1, 1000, '800'],
    [1e9, 1e9, '800000000000'],
  ])(
    'timeout %p is a timer that the platform takes, and a locked row fails a commit before it',
    async (timeout, milliseconds, lockTimeout) => {
      const { sql, sent } = createSql()
      const { store, timers } = storeOver(sql, { timeout })
      const commit = store.commit(KEY, a)
      await settled()
      expect(timers.waiting).toEqual([milliseconds])
      expect(sent[0]?.params.at(-1)).toBe(lockTimeout)
      sent[0]?.answer([])
      expect(await commit).toBe(false)
    },
  )

  test('is one second by default', () => {
    const timers = manualTimers()
    const { sql } = createSql()
    postgresStore(sql as never, { sweep: false, ...timers.options }).release(KEY, a)
    return settled().then(() => expect(timers.waiting).toEqual([1000]))
  })
})

describe('the answer of the database', () => {
  test.each([undefined, 5, 'rows', {}, { rows: 5 }])('%p is refused', async (answer) => {
    const { store } = storeOver({ query: async () => answer })
    await expect(claimOf(store)).rejects.toThrow('must be a list of rows')
  })
  test.each(['maybe', '-1', '', ' 5', 'claimed d', null])(
    'a row of %p is refused',
    async (answer) => {
      const { store } = storeOver({ query: async () => [{ answer }] })
      await expect(claimOf(store)).rejects.toThrow('Postgres must answer the statement')
    },
  )
  test('no row is refused for a claim, and means a lost claim for a commit', async () => {
    const { store } = storeOver({ query: async () => [] })
    await expect(claimOf(store)).rejects.toThrow('Postgres must answer the statement')
    expect(await store.commit(KEY, a)).toBe(false)
  })
  test.each([
    ['renewed', { state: 'claimed' }],
    ['done', { state: 'done' }],
    ['done of+body/=', { state: 'done', digest: 'of+body/=' }],
    ['0', { state: 'in_progress', retryAfter: 0 }],
    ['12.5 of+body/=', { state: 'in_progress', retryAfter: 12.5, digest: 'of+body/=' }],
  ])('%p is read by its place, whatever the column is called', async (answer, result) => {
    const { store } = storeOver({ query: async () => [{ ANSWER: answer }] })
    expect(await claimOf(store)).toEqual(result)
  })
})

describe('expired rows', () => {
  /** Counts the statements that sweep while so many deliveries are claimed. */
  async function sweeps(claims: number, options: object): Promise<number> {
    const texts: string[] = []
    const query = async (text: string): Promise<unknown> => {
      texts.push(text)
      return [{ answer: text.includes('pg_relation_size') ? '0 1' : 'claimed' }]
    }
    const { store } = storeOver({ query }, options)
    for (let i = 0; i < claims; i++) await claimOf(store)
    await settled()
    return texts.filter((text) => text.includes('pg_relation_size')).length
  }
  test('are deleted once in 500 claims by default', async () => {
    expect(await sweeps(5000, { sweep: undefined })).toBe(10)
  })
  test('are left to sweep() if the option is false', async () => {
    expect(await sweeps(1000, { sweep: false })).toBe(0)
  })
  test('that cannot be deleted now fail no claim', async () => {
    const query = async (text: string): Promise<unknown> => {
      if (text.includes('pg_relation_size')) throw new Error('read only')
      return [{ answer: 'claimed' }]
    }
    const { store } = storeOver({ query }, { sweep: true })
    for (let i = 0; i < 600; i++) expect(await claimOf(store)).toEqual({ state: 'claimed' })
  })
  test.each([{ limit: 0 }, { limit: -1 }, { limit: Number.NaN }, { limits: 5 }])(
    'sweep(%p) is refused',
    async (options) => {
      const { store } = storeOver({ query: async () => [] })
      await expect(store.sweep(options as never)).rejects.toThrow(TypeError)
    },
  )
})

describe('what is refused at creation', () => {
  const db = { query: async () => [] }

  test.each([undefined, null, {}, 'postgres://127.0.0.1', () => {}, { query: 'no' }])(
    'the client %p',
    (client) => expect(() => postgresStore(client as never)).toThrow(/^db must be/),
  )
  test.each([
    { table: '' },
    { table: 'a.b.c' },
    { table: 'a"; DROP TABLE b; --' },
    { table: 'a b' },
    { table: '1a' },
    { table: '.a' },
    { table: 'ä' },
    { table: 'a'.repeat(64) },
    { table: `a.${'b'.repeat(64)}` },
    { table: 'a\n' },
    { table: 7 },
    { timeout: 0 },
    { timeout: Number.NaN },
    { sweep: 'no' },
    { ttl: 5 },
  ])('the options %p', (options) => {
    expect(() => postgresStore(db, options as never)).toThrow(TypeError)
  })
  test('but not answers: they are refused when they come', async () => {
    for (const answer of [undefined, 5, 'rows', {}, { rows: 5 }]) {
      const store = postgresStore({ query: async () => answer })
      await expect(Promise.resolve(store.claim(KEY, a))).rejects.toThrow('must be a list of rows')
    }
    const store = postgresStore({ query: async () => [{ answer: 'maybe' }] })
    await expect(Promise.resolve(store.claim(KEY, a))).rejects.toThrow(
      'Postgres must answer the statement with its own columns',
    )
  })
})

describe('the transaction of commitWith', () => {
  const webhook = { claim: { key: KEY, token: 'a' } }
  const { store } = storeOver({ query: async () => [] })
  const commit = (tx: unknown): Promise<void> => store.commitWith(tx as never, webhook)

  test('may be a client, a postgres transaction or a function', async () => {
    const calls: string[][] = []
    const run = async (_: string, params: string[]): Promise<unknown> => {
      calls.push(params)
      return [{ answer: 'done' }]
    }
    const busy = { query: run, getTransactionStatus: () => 'T' }
    for (const tx of [{ query: run }, busy, Object.assign(() => {}, { unsafe: run }), run]) {
      await commit(tx)
    }
    expect(calls).toEqual(Array(4).fill(['432000', KEY, 'a']))
  })

  test('must not be a pool, an instance that can begin one, or a client outside of one', async () => {
    const { pool } = createPool()
    const sql = Object.assign(createSql().sql, { begin() {} })
    const idle = { query: async () => [{ answer: 'done' }], getTransactionStatus: () => 'I' }
    for (const tx of [pool, sql, idle])
      await expect(commit(tx)).rejects.toThrow(/^tx must be the tr/)
  })

  test('must not be anything else', async () => {
    const knexLike = Object.assign(async () => [{ answer: 'done' }], { raw: async () => [] })
    for (const tx of [undefined, null, {}, 'tx', knexLike, { execute: async () => [] }]) {
      await expect(commit(tx)).rejects.toThrow(/^tx must be a client/)
    }
  })

  test('that answers no row has lost its claim, and an answer of another kind is no row', async () => {
    await expect(commit(async () => ({ rows: [] }))).rejects.toMatchObject({ code: 'claim_lost' })
    for (const answer of [undefined, 1, { count: 1 }]) {
      await expect(commit(async () => answer)).rejects.toThrow('must be a list of rows')
    }
  })

  test.each([{}, { claim: undefined }, { claim: { key: 'x' } }, { claim: { token: 'a' } }])(
    'needs a claim, which %p has not',
    async (unclaimed) => {
      const tx = async (): Promise<unknown> => [{ answer: 'done' }]
      await expect(store.commitWith(tx, unclaimed as never)).rejects.toThrow('has no claim')
    },
  )
})
