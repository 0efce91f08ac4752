// What each store costs: `npm run bench:stores` (builds first). ROUNDS=30 for more rounds than 15, IDS=1000000 for more ids than 100,000.
import { execFile } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { promisify } from 'node:util'
import pg from 'pg'
import { postgresStore } from '../../dist/esm/src/postgres/index.js'
import { startPostgres } from '../../test/postgres/postgres-server.ts'
import { startRedis } from '../idempotency/redis.mjs'
import { duration, median, rate } from '../statistics.mjs'
import { postgresSchema } from './contestants.mjs'
import { postgresSizes, redisSize, sqliteSize } from './size.mjs'

const ROUNDS = Number(process.env.ROUNDS ?? 15)
const IDS = Number(process.env.IDS ?? 100_000)
const MILLISECONDS = 250
const MOST = 1.3
const exec = promisify(execFile)
/** Installed by `npm run test:runtimes`. */
const NODE_24 = `${import.meta.dirname}/../../test/runtimes/node_modules/node24/bin/node`

const postgres = await startPostgres({ fsync: 'on', max_connections: '100' })
await postgres.admin(postgresSchema())
const redis = await startRedis()
const FLUSHED = postgres.url
const UNFLUSHED = `${postgres.url}?options=-c%20synchronous_commit%3Doff`

async function rounds(...args) {
  const file = `${import.meta.dirname}/rounds.mjs`
  const { stdout } = await exec(process.execPath, [file, ...args.map(String)])
  return JSON.parse(stdout)
}

/** The store beside the code by hand. The ratio with the target is the one to two bare round trips. */
async function cost(title, client, address, sideBySide) {
  const results = await rounds(client, address, sideBySide, ROUNDS, MILLISECONDS)
  const middle = (name, kind) => median(results.map((times) => times[name][kind]))
  const ratio = (name, kind) =>
    median(results.map((times) => times.store[kind] / times[name][kind]))
  console.log(`\n### ${title}, ${sideBySide} at once\n`)
  console.log(
    '| | by the clock | processor of the client | of the server | the store, by the clock | by both processors |\n|---|--:|--:|--:|--:|--:|',
  )
  for (const name of Object.keys(results[0])) {
    const times = ['wall', 'client', 'server'].map((kind) => duration(middle(name, kind)))
    const both = median(
      results.map(({ store, [name]: other }) => work(store) / work(other)),
    ).toFixed(2)
    const clock = `${ratio(name, 'wall').toFixed(2)} ×${verdict(name, ratio(name, 'wall'))}`
    const ratios = name === 'store' ? '1 | 1' : `${clock} | ${both} ×`
    console.log(`| ${name} | ${times.join(' | ')} | ${ratios} |`)
  }
}

function work({ client, server }) {
  return client + server
}

function verdict(name, ratio) {
  if (!/^two (statements|commands)$/.test(name)) return ''
  return ratio <= MOST ? ` (target ≤ ${MOST} ×: met)` : ` (target ≤ ${MOST} ×: missed)`
}

async function throughput(title, client, address, sideBySide, names) {
  console.log(`\n### ${title}, ${sideBySide} at once in each process\n`)
  console.log(`| processes | ${names.join(' | ')} |\n|--:|${names.map(() => '--:|').join('')}`)
  for (const count of [1, 2, 4]) {
    // They take turns in each process, because the machine may be busier in one minute than in the next.
    const args = [client, address, sideBySide, 6, 300, ...names]
    const all = await Promise.all(Array.from({ length: count }, () => rounds(...args)))
    const cells = names.map((name) =>
      all
        .map((results) => median(results.map((times) => times[name].wall)))
        .reduce((total, time) => total + 1e9 / time, 0),
    )
    console.log(`| ${count} | ${cells.map(rate).join(' | ')} |`)
  }
}

async function sizes() {
  const pool = new pg.Pool({ connectionString: UNFLUSHED, max: 20 })
  const table = 'sizes'
  const store = postgresStore(pool, { table, sweep: false, timeout: 60 })
  await store.migrate()
  const admin = (text) => pool.query(text).then(({ rows }) => rows)
  const rows = await postgresSizes(admin, store, table, IDS)
  await pool.end()
  console.log(
    `\n### Bytes for each id: endpoint \`/webhooks\`, ids of 31 characters, ${IDS.toLocaleString('en-US')} ids\n`,
  )
  console.log('| Postgres | rows | table | index | in all |\n|---|--:|--:|--:|--:|')
  for (const { name, count, heap, keys, total } of rows) {
    const each = [heap, keys, total].map((bytes) => Math.round(bytes / IDS))
    console.log(`| ${name} | ${count.toLocaleString('en-US')} | ${each.join(' | ')} |`)
  }
  console.log(`\nRedis: ${Math.round(await redisSize(redis.admin, IDS))} bytes of memory.`)
  console.log(
    `D1 and a Durable Object: ${Math.round(sqliteSize(NODE_24, IDS))} bytes of the SQLite database.`,
  )
}

const [{ server_version: version }] = await postgres.admin('SHOW server_version')
const redisVersion = (await redis.admin.info('server')).match(/redis_version:(\S+)/)[1]
const now = new Date().toISOString().slice(0, 16).replace('T', ' ')
console.log(`- ${now} UTC, ${ROUNDS} rounds, load average at the start ${loadavg()[0].toFixed(2)}`)
console.log(
  `- ${cpus().length} × ${cpus()[0].model.trim()}, Node ${process.version.slice(1)}, PostgreSQL ${version}, Redis ${redisVersion}, all on this machine`,
)

for (const sideBySide of [1, 10]) {
  await cost('`pg`, `synchronous_commit = on`', 'pg', FLUSHED, sideBySide)
  await cost('`pg`, `synchronous_commit = off`', 'pg', UNFLUSHED, sideBySide)
}
for (const client of ['ioredis', 'redis']) {
  for (const sideBySide of [1, 50]) await cost(`\`${client}\``, client, redis.port, sideBySide)
}
const names = ['store', 'two statements']
await throughput('Postgres, `synchronous_commit = on`: deliveries', 'pg', FLUSHED, 10, names)
await throughput('Postgres, `synchronous_commit = off`: deliveries', 'pg', UNFLUSHED, 10, names)
await throughput('Redis: deliveries', 'ioredis', redis.port, 50, ['store', 'two commands'])
await sizes()

console.log(`\nLoad average at the end ${loadavg()[0].toFixed(2)}.`)
redis.close()
await postgres.close()
