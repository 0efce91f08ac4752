// How many bytes each store takes for each id that it remembers: endpoint `/webhooks`, ids of 31 characters, with the digest of the body.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { redisStore } from '../../dist/esm/src/redis/index.js'

/** The sizes of one table, step by step; autovacuum is off meanwhile. */
export async function postgresSizes(admin, store, table, ids) {
  await admin(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`)
  const rows = []
  async function step(name, work) {
    await work()
    const [size] = await admin(`SELECT pg_relation_size('${table}')::int AS heap,
      pg_relation_size('${table}_pkey')::int AS keys, pg_total_relation_size('${table}')::int AS total,
      (SELECT count(*)::int FROM ${table}) AS count`)
    rows.push({ name, ...size })
  }
  const vacuum = () => admin(`VACUUM ${table}`)

  await step('claimed and committed, before any vacuum', () => fill(store, 0, ids))
  await step('after `VACUUM`', vacuum)
  await step('a second time as many, and `VACUUM`', async () => {
    await fill(store, ids, 2 * ids)
    await vacuum()
  })
  await step('all expired, `sweep()`, no vacuum yet', async () => {
    await admin(`UPDATE ${table} SET until = now() - interval '1 second'`)
    await store.sweep()
  })
  await step('`VACUUM` after the sweep', vacuum)
  await step('as many ids as at first, again', () => fill(store, 0, ids))
  await step('packed by `VACUUM FULL`: the least', () => admin(`VACUUM FULL ${table}`))
  return rows
}

function* deliveries(from, to) {
  for (let n = from; n < to; n++) {
    const hash = createHash('sha256').update(String(n)).digest('base64url')
    yield [
      `/webhooks msg_${hash.slice(0, 27)}`,
      { token: crypto.randomUUID(), lease: 60, ttl: 432_000, digest: hash.slice(27, 39) },
    ]
  }
}

/** Claims and commits these ids, 20 at once. */
async function fill(store, from, to) {
  const next = deliveries(from, to)
  async function lane() {
    for (const [key, claim] of next) {
      await store.claim(key, claim)
      await store.commit(key, claim)
    }
  }
  await Promise.all(Array.from({ length: 20 }, lane))
}

/** Bytes of memory that Redis counts for each id. */
export async function redisSize(client, ids) {
  const used = async () => Number((await client.info('memory')).match(/used_memory:(\d+)/)[1])
  await client.flushall()
  const before = await used()
  await fill(redisStore(client, { timeout: 30 }), 0, ids)
  return ((await used()) - before) / ids
}

/** Bytes of the SQLite database of `d1Store` for each id; a Durable Object has the same table and engine. In a newer Node, because this one may have no `node:sqlite`. */
export function sqliteSize(node, ids) {
  return Number(execFileSync(node, [import.meta.filename, String(ids)], { encoding: 'utf8' }))
}

async function measureSqlite(ids) {
  const { DatabaseSync } = await import('node:sqlite')
  const { d1Store } = await import('../../dist/esm/src/cloudflare/index.js')
  const db = new DatabaseSync(':memory:')
  const prepared = new Map()
  const prepare = (text, ...values) => ({
    bind: (...bound) => prepare(text, ...bound),
    async all() {
      if (!prepared.has(text)) prepared.set(text, db.prepare(text))
      return { results: prepared.get(text).all(...values) }
    },
  })
  const batch = (statements) => Promise.all(statements.map((each) => each.all()))
  const store = d1Store({ prepare, batch })
  await store.migrate()
  await fill(store, 0, ids)
  const bytes = (name) => Object.values(db.prepare(`PRAGMA ${name}`).get())[0]
  return (bytes('page_count') * bytes('page_size')) / ids
}

if (process.argv[1] === import.meta.filename)
  console.log(await measureSqlite(Number(process.argv[2])))
