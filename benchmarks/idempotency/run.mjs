// What idempotency costs: `npm run bench:idempotency` (builds first). ROUNDS=3 for fewer rounds than 5.
import { cpus, loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { numberFrom } from '../compare.mjs'
import { duration, median, rate } from '../statistics.mjs'
import { startRedis } from './redis.mjs'

const ROUNDS = Number(process.env.ROUNDS ?? 5)
const SECONDS = 2
const redis = await startRedis()

/** Nanoseconds per delivery of one contestant, in a process of its own. */
function measure(name, sideBySide, kind = 'wall') {
  const args = ['idempotency/contestant.mjs', name, sideBySide, SECONDS, kind, redis.port]
  return numberFrom(process.execPath, args)
}

/** Medians of all contestants; each round measures all of them, every second one in the reversed order. */
async function compareAll(names, sideBySide, kind) {
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) {
    const times = {}
    for (const name of round % 2 ? names.toReversed() : names) {
      await redis.admin.flushall()
      times[name] = await measure(name, sideBySide, kind)
    }
    rounds.push(times)
  }
  const time = (name) => median(rounds.map((times) => times[name]))
  const ratio = (name, to) => median(rounds.map((times) => times[name] / times[to])).toFixed(2)
  return { time, ratio }
}

async function cost(title, sideBySide, kind) {
  const libraries = ['redis', 'ioredis']
  const names = ['verify', 'memory', ...libraries, ...libraries.map((name) => `SET NX ${name}`)]
  const { time, ratio } = await compareAll(names, sideBySide, kind)
  console.log(`\n### ${title}\n`)
  console.log('| | per delivery | to a bare verify | to a bare `SET NX` |\n|---|--:|--:|--:|')
  console.log(`| verify, no idempotency | ${duration(time('verify'))} | 1 | |`)
  console.log(`| memoryStore | ${duration(time('memory'))} | ${ratio('memory', 'verify')} | |`)
  for (const name of libraries) {
    const bare = `SET NX ${name}`
    console.log(`| bare \`SET NX\`, ${name} | ${duration(time(bare))} | | 1 |`)
    const ratios = `${ratio(name, 'verify')} | ${ratio(name, bare)}`
    console.log(`| redisStore, ${name} | ${duration(time(name))} | ${ratios} |`)
  }
}

async function processes() {
  console.log('\n### Several processes on one Redis, ioredis, 50 deliveries at once in each\n')
  console.log('| processes | deliveries | Redis CPU per delivery |\n|--:|--:|--:|')
  for (const count of [1, 2, 4]) {
    const rates = []
    const shares = []
    for (let round = 0; round < ROUNDS; round++) {
      await redis.admin.flushall()
      await redis.admin.config('RESETSTAT')
      const before = await redis.cpu()
      const times = await Promise.all(Array.from({ length: count }, () => measure('ioredis', 50)))
      rates.push(times.reduce((sum, time) => sum + 1e9 / time, 0))
      shares.push(((await redis.cpu()) - before) / ((await commands()) / 2))
    }
    console.log(`| ${count} | ${rate(median(rates))} | ${duration(median(shares) * 1e9)} |`)
  }
}

/** A claim and a commit for each delivery. */
async function commands() {
  const stats = await redis.admin.info('commandstats')
  return Number(stats.match(/cmdstat_evalsha:calls=(\d+)/)[1])
}

async function memory() {
  const cluster = await startCluster()
  const rows = [
    ['`memoryStore` of 100 000 that fills up', await inMemory(100_000, 100_000)],
    ['`memoryStore` of 100 000 that forgets, after a million', await inMemory(100_000, 1_000_000)],
    ['Redis, 1 000 000 ids', await inRedis(redis, 1_000_000)],
    ['Redis, 1 100 000 ids: its hash table has just doubled', await inRedis(redis, 1_100_000)],
    ['Redis in cluster mode, 1 000 000 ids', await inRedis(cluster, 1_000_000)],
  ]
  cluster.close()
  console.log(
    '\n### Memory for each remembered delivery (endpoint `/webhooks`, ids of 31 characters)\n',
  )
  console.log('| | bytes |\n|---|--:|')
  for (const [name, bytes] of rows) console.log(`| ${name} | ${Math.round(bytes)} |`)
}

function inMemory(entries, deliveries) {
  const args = ['--expose-gc', 'idempotency/memory.mjs', entries, deliveries]
  return numberFrom(process.execPath, args)
}

/** A cluster of one: what it notes of each key costs memory, too. */
async function startCluster() {
  const cluster = await startRedis('--cluster-enabled', 'yes')
  await cluster.admin.cluster('ADDSLOTSRANGE', 0, 16_383)
  while (!/cluster_state:ok/.test(await cluster.admin.cluster('INFO'))) await sleep(50)
  return cluster
}

async function inRedis(server, entries) {
  await server.admin.flushall()
  const before = await server.memory()
  for (let i = 0; i < entries; i += 10_000) await fill(server, i, i + 10_000)
  return ((await server.memory()) - before) / entries
}

/** What a commit leaves. */
async function fill({ admin }, from, to) {
  const batch = admin.pipeline()
  for (let i = from; i < to; i++) {
    batch.set(`countersign:/webhooks msg_${String(i).padStart(27, '0')}`, '1', 'PX', 432_000_000)
  }
  await batch.exec()
}

const [cpu] = cpus()
console.log(
  `- ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, ${ROUNDS} rounds, medians, load average at the start ${loadavg()[0].toFixed(2)}`,
)
console.log(
  `- ${cpus().length} × ${cpu.model.trim()}, Node ${process.version.slice(1)}, Redis ${(await redis.admin.info('server')).match(/redis_version:(\S+)/)[1]} on the same machine, no persistence`,
)
await cost('Time for one delivery after the other', 1, 'wall')
await cost('Processor time of one process with 50 deliveries at once', 50, 'cpu')
await processes()
await memory()
redis.close()
