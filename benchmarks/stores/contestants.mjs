// What is compared, all of it over one client. Each contestant takes one delivery from claim to commit, and fails if the delivery is not new.
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import pg from 'pg'
import { createClient } from 'redis'
import { postgresStore } from '../../dist/esm/src/postgres/index.js'
import { redisStore } from '../../dist/esm/src/redis/index.js'

const LEASE = 60
const TTL = 432_000
/** The rows of a store and of the code by hand never meet. */
export const TABLES = { store: 'deliveries', same: 'by_hand', lean: 'lean' }

function withStore(store) {
  return async (key) => {
    const token = randomUUID()
    const { state } = await store.claim(key, { token, lease: LEASE })
    const isDone = state === 'claimed' && (await store.commit(key, { token, ttl: TTL }))
    if (!isDone) throw new Error(`not new: ${state}`)
  }
}

/** The same claim and commit by hand, for a table like that of the store: no second attempt, no renewal, no limit for a row that is locked. */
function byHand(pool, isPrepared) {
  const insert = `INSERT INTO ${TABLES.same} (key, token, state, until)
    VALUES ($1, $2, 'claimed', now() + $3::float8 * interval '1 second') ON CONFLICT (key) DO NOTHING`
  const update = `UPDATE ${TABLES.same} SET state = 'done', until = now() + $3::float8 * interval '1 second'
    WHERE key = $1 AND token = $2`
  const run = (name, text, values) =>
    pool.query(isPrepared ? { name, text, values } : { text, values })
  return async (key) => {
    const token = randomUUID()
    const claim = await run('insert', insert, [key, token, LEASE])
    const commit = await run('update', update, [key, token, TTL])
    if (claim.rowCount + commit.rowCount !== 2) throw new Error('not new')
  }
}

/** The least that two round trips cost: a table without times and without a second index, from which nothing can ever be deleted by age. */
function lean(pool, isOneStatement) {
  const insert = `INSERT INTO ${TABLES.lean} (key, done) VALUES ($1, false) ON CONFLICT (key) DO NOTHING`
  const update = `UPDATE ${TABLES.lean} SET done = true WHERE key = $1 AND NOT done`
  return async (key) => {
    const claim = await pool.query({ name: 'lean insert', text: insert, values: [key] })
    if (claim.rowCount !== 1) throw new Error('not new')
    if (isOneStatement) return
    const commit = await pool.query({ name: 'lean update', text: update, values: [key] })
    if (commit.rowCount !== 1) throw new Error('not new')
  }
}

/** The tables that the contestants need. */
export function postgresSchema() {
  const { schema } = postgresStore({ query: async () => [] }, { table: TABLES.store })
  const like = schema.replaceAll(`"${TABLES.store}`, `"${TABLES.same}`)
  return `${schema}${like}CREATE TABLE ${TABLES.lean} (key text COLLATE "C" PRIMARY KEY, done boolean NOT NULL)`
}

const SET = {
  redis: {
    claim: (client, key, token) =>
      client.set(key, token, { condition: 'NX', expiration: { type: 'PX', value: LEASE * 1000 } }),
    commit: (client, key) =>
      client.set(key, '1', { expiration: { type: 'PX', value: TTL * 1000 } }),
  },
  ioredis: {
    claim: (client, key, token) => client.set(key, token, 'PX', LEASE * 1000, 'NX'),
    commit: (client, key) => client.set(key, '1', 'PX', TTL * 1000),
  },
}

function redisContestants(library, client) {
  const { claim, commit } = SET[library]
  const claimByHand = async (key) => {
    if ((await claim(client, `bare:${key}`, randomUUID())) !== 'OK') throw new Error('not new')
  }
  return {
    store: withStore(redisStore(client)),
    'two commands': async (key) => {
      await claimByHand(`two ${key}`)
      await commit(client, `bare:two ${key}`)
    },
    'one command': (key) => claimByHand(`one ${key}`),
  }
}

/** Connects, and has the contestants, the ids of the server's processes that work for them, and `close`. */
export const OPEN = {
  async pg(url, connections) {
    const pool = new pg.Pool({ connectionString: url, max: connections })
    const pids = await Promise.all(
      Array.from({ length: connections }, async () => {
        const { rows } = await pool.query('SELECT pg_backend_pid() AS pid, pg_sleep(0.2)')
        return rows[0].pid
      }),
    )
    const contestants = {
      store: withStore(postgresStore(pool, { table: TABLES.store })),
      'two statements': byHand(pool, true),
      'two statements, not prepared': byHand(pool, false),
      'two statements, lean table': lean(pool, false),
      'one statement, lean table': lean(pool, true),
    }
    return { contestants, pids, close: () => pool.end() }
  },
  async redis(port) {
    const client = createClient({ socket: { host: '127.0.0.1', port: Number(port) } })
    await client.connect()
    const pids = [pidOf(await client.info('server'))]
    return { contestants: redisContestants('redis', client), pids, close: () => client.destroy() }
  },
  async ioredis(port) {
    const client = new Redis(Number(port), '127.0.0.1')
    const pids = [pidOf(await client.info('server'))]
    const contestants = redisContestants('ioredis', client)
    return { contestants, pids, close: () => client.disconnect() }
  },
}

function pidOf(info) {
  return Number(info.match(/process_id:(\d+)/)[1])
}
