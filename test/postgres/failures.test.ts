import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type PostgresStore, postgresStore } from 'countersign/postgres'
import pg from 'pg'
import postgres from 'postgres'
import { startTap, type Tap } from '../redis/tap.js'
import { type PostgresServer, postgresIsInstalled, startPostgres } from './postgres-server.js'

const run = postgresIsInstalled ? test : test.skip
const KEY = '/webhooks msg_1'
const claim = { token: 'a', lease: 60 }

let server: PostgresServer
beforeAll(async () => {
  if (!postgresIsInstalled) return
  server = await startPostgres()
  await server.admin('CREATE ROLE app LOGIN; GRANT ALL ON SCHEMA public TO app')
})
afterAll(() => server?.close())

interface Client {
  readonly db: pg.Pool | postgres.Sql
  /** Keeps the only connection busy for as long as a statement of the application takes. */
  query(text: string): PromiseLike<unknown>
  close(): Promise<unknown>
}

/** As an application connects them. Nothing listens for errors, so losing the server must not end the process. */
const clients: Readonly<Record<string, (url: string, max: number) => Client>> = {
  'pg.Pool'(connectionString, max) {
    const db = new pg.Pool({ connectionString, max })
    return { db, query: (text) => db.query(text), close: () => db.end() }
  },
  postgres(url, max) {
    // If the connection breaks while this client reads the types of arrays, it leaves a rejection of its own unhandled.
    const options = { fetch_types: false, onnotice: () => {}, backoff: () => 0.05 }
    const db = postgres(url, { max, ...options })
    return { db, query: (text) => db.unsafe(text), close: () => db.end({ timeout: 0 }) }
  },
}

describe.each(Object.keys(clients))('postgresStore over %s, when Postgres fails', (name) => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  let tap: Tap
  let client: Client
  let store: PostgresStore

  beforeEach(async () => {
    if (!postgresIsInstalled) return
    process.on('unhandledRejection', note)
    tap = await startTap(server.port)
    client = connect(3)
    store = postgresStore(client.db, { timeout: 0.4 })
    await store.migrate()
    await server.admin('TRUNCATE countersign_deliveries')
  })
  afterEach(async () => {
    if (!postgresIsInstalled) return
    await tap.close()
    await client.close()
    process.off('unhandledRejection', note)
    expect(unhandled.splice(0)).toEqual([])
  })

  function connect(max: number): Client {
    const open = clients[name] as (typeof clients)[string]
    return open(`postgres://app@127.0.0.1:${tap.port}/postgres`, max)
  }

  /** Every operation rejects within the time-out; none hangs. */
  async function fails(): Promise<string> {
    const results = await Promise.allSettled([
      store.claim(KEY, claim),
      store.commit(KEY, { token: 'a', ttl: 1000 }),
      store.release(KEY, claim),
    ])
    expect(results.map(({ status }) => status)).toEqual(Array(3).fill('rejected'))
    return results
      .map((result) => ('reason' in result ? `${result.reason.code} ${result.reason.message}` : ''))
      .join()
  }

  /** Sooner or later the same store works again. */
  async function recovers(): Promise<void> {
    const until = performance.now() + 20_000
    for (;;) {
      const result = await Promise.resolve(store.claim(`other ${until}`, claim)).catch(
        (error) => error,
      )
      if (result.state === 'claimed') return
      if (performance.now() > until) throw result
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  const rows = async (): Promise<number> =>
    (await server.admin('SELECT key FROM countersign_deliveries')).length

  run('connections that are cut', async () => {
    await store.claim('warm', claim)
    tap.mode = 'refuse'
    tap.cut()
    await fails()
    await fails()
    tap.mode = 'pass'
    await recovers()
  })

  run('connections that are cut again and again while they are busy', async () => {
    for (let outage = 0; outage < 10; outage++) {
      let answered = 0
      for (let round = 0; round < 20 || answered === 0; round++) {
        const batch = Array.from({ length: 20 }, (_, i) => store.claim(`${KEY} ${i}`, claim))
        setTimeout(tap.cut, Math.random() * 5)
        const results = await Promise.allSettled(batch)
        answered += results.filter(({ status }) => status === 'fulfilled').length
      }
      await recovers()
    }
  })

  run('a network that drops everything silently', async () => {
    await store.claim('warm', claim)
    tap.mode = 'swallow'
    expect(await fails()).toMatch(/did not answer within 400 ms/)
    tap.mode = 'pass'
    tap.cut()
    await recovers()
  })

  run('a network that has swallowed everything from the start', async () => {
    tap.mode = 'swallow'
    await fails()
    await fails()
    tap.mode = 'pass'
    tap.cut()
    await recovers()
  })

  run('more deliveries than the client may keep, and no late claim holds a key', async () => {
    const many = async (): Promise<readonly string[]> => {
      const claims = Array.from({ length: 150 }, (_, i) => store.claim(`${KEY} ${i}`, claim))
      return (await Promise.allSettled(claims)).map(({ status }) => status)
    }
    await store.claim('warm', claim)
    tap.mode = 'swallow'
    expect(new Set(await many())).toEqual(new Set(['rejected']))
    expect(new Set(await many())).toEqual(new Set(['rejected']))
    tap.mode = 'pass'
    tap.cut()
    await recovers()
    const held = (): Promise<unknown[]> =>
      server.admin(`SELECT key FROM countersign_deliveries WHERE key LIKE '${KEY}%'`)
    while ((await held()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  })

  run('a server that hangs', async () => {
    await store.claim('warm', claim)
    const [{ pid } = {}] = await server.admin<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE usename = 'app'`,
    )
    process.kill(Number(pid), 'SIGSTOP')
    const results = await Promise.allSettled([1, 2, 3].map((i) => store.claim(`${i}`, claim)))
    process.kill(Number(pid), 'SIGCONT')
    const failed = results.filter(({ status }) => status === 'rejected')
    expect(failed.length).toBeGreaterThan(0)
    await recovers()
  })

  run('a server that is slow to take new connections', async () => {
    await client.close()
    client = connect(3)
    store = postgresStore(client.db, { timeout: 0.4 })
    server.signal('SIGSTOP')
    await fails().finally(() => server.signal('SIGCONT'))
    await recovers()
  })

  run('a server that crashes and comes back', async () => {
    await store.claim(KEY, claim)
    await server.crash()
    await fails()
    await server.restart()
    await recovers()
    // What was committed survives, which is more than an unflushed Redis promises.
    expect(await store.claim(KEY, { token: 'b', lease: 60 })).toMatchObject({
      state: 'in_progress',
    })
  })

  run('an answer that is lost: the same attempt may claim again', async () => {
    await store.claim('warm', claim)
    tap.mode = 'mute'
    await Promise.resolve(store.claim(KEY, claim)).catch(() => {})
    tap.mode = 'pass'
    await recovers()
    expect(await store.claim(KEY, claim)).toEqual({ state: 'claimed' })
    expect(await store.claim(KEY, { token: 'b', lease: 60 })).toMatchObject({
      state: 'in_progress',
    })
  })

  run('a pool without a free connection, and no late claim holds a key', async () => {
    const busy = connect(1)
    const queued = postgresStore(busy.db, { timeout: 0.2 })
    await queued.claim('warm', claim)
    const work = busy.query('SELECT pg_sleep(0.8)').then(() => {})
    const attempts = Array.from({ length: 20 }, (_, i) => queued.claim(`late ${i}`, claim))
    const results = await Promise.allSettled(attempts)
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']))
    await work
    expect(await queued.claim('next', claim)).toEqual({ state: 'claimed' })
    while ((await rows()) !== 2) await new Promise((resolve) => setTimeout(resolve, 20))
    await busy.close()
  })

  run('53300: a server without a free connection', async () => {
    await server.admin('ALTER ROLE app CONNECTION LIMIT 0')
    tap.cut()
    await fails()
    expect(await fails()).toMatch(/53300/)
    await server.admin('ALTER ROLE app CONNECTION LIMIT -1')
    await recovers()
  })

  run('25006: a server that takes no writes', async () => {
    await server.admin('ALTER ROLE app SET default_transaction_read_only = on')
    tap.cut()
    const told = await Promise.resolve(store.claim(KEY, claim)).catch((error) => error)
    const again = await Promise.resolve(store.claim(KEY, claim)).catch((error) => error)
    expect([told.code, again.code]).toContain('25006')
    await server.admin('ALTER ROLE app RESET default_transaction_read_only')
    tap.cut()
    await recovers()
  })

  run('57014: a table that is locked for longer than the statement may take', async () => {
    const owner = new pg.Client(server.url)
    await owner.connect()
    await owner.query('BEGIN; LOCK TABLE countersign_deliveries IN ACCESS EXCLUSIVE MODE')
    await fails()
    await owner.query('COMMIT')
    await owner.end()
    await recovers()
  })

  run('57014: the statement time-out of the role', async () => {
    await server.admin(`ALTER ROLE app SET statement_timeout = '100ms'`)
    tap.cut()
    const owner = new pg.Client(server.url)
    await owner.connect()
    await owner.query('BEGIN; LOCK TABLE countersign_deliveries IN ACCESS EXCLUSIVE MODE')
    await fails()
    expect(await fails()).toMatch(/57014/)
    await owner.end()
    await server.admin('ALTER ROLE app RESET statement_timeout')
    tap.cut()
    await recovers()
  })

  run('a table that is gone, and comes back', async () => {
    await server.admin('ALTER TABLE countersign_deliveries RENAME TO away')
    expect(await fails()).toMatch(/does not exist: call migrate/)
    await server.admin('ALTER TABLE away RENAME TO countersign_deliveries')
    await recovers()
  })
})

describe('postgresStore over a pg.Client', () => {
  run('fails at once when its only connection is gone, and does not end the process', async () => {
    const tap = await startTap(server.port)
    const client = new pg.Client(`postgres://app@127.0.0.1:${tap.port}/postgres`)
    await client.connect()
    const store = postgresStore(client, { timeout: 0.3 })
    await store.claim(KEY, claim)
    tap.mode = 'swallow'
    const late = Array.from({ length: 5 }, (_, i) => store.claim(`late ${i}`, claim))
    const results = await Promise.allSettled(late)
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']))
    expect(tap.count('late')).toBe(1)
    tap.cut()
    await expect(Promise.resolve(store.claim(KEY, claim))).rejects.toThrow()
    await tap.close()
  })
})
