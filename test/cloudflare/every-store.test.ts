import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type IdempotencyStore, memoryStore } from 'countersign'
import { d1Store, durableObjectStore } from 'countersign/cloudflare'
import { postgresStore } from 'countersign/postgres'
import { redisStore } from 'countersign/redis'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import pg from 'pg'
import { playSchedule, type StoreStep } from '../../src/testing/store-schedule.js'
import { createStoreTrial } from '../../src/testing/store-trial.js'
import { pglite } from '../postgres/databases.js'
import { startPostgres } from '../postgres/postgres-server.js'
import { startRedis } from '../redis/redis-server.js'
import { startWorld } from './world.js'

const lease = 0.04
const timeout = 30
const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

let stores: Readonly<Record<string, IdempotencyStore>>
let close: () => Promise<unknown>

// This suite has workerd, so it has every store side by side in one process.
before(async () => {
  const [server, redis, lite, world] = await Promise.all([
    startPostgres(),
    startRedis(),
    pglite(),
    startWorld(),
  ])
  const pool = new pg.Pool({ connectionString: server.url })
  const client = new Redis(redis.port, '127.0.0.1')
  const postgres = postgresStore(pool, { timeout })
  const inProcess = postgresStore(lite.db, { timeout })
  const d1 = d1Store(await world.d1(), { timeout })
  for (const store of [postgres, inProcess, d1]) await store.migrate()
  stores = {
    memory: memoryStore(),
    Redis: redisStore(client, { timeout }),
    Postgres: postgres,
    PGlite: inProcess,
    'Durable Object': durableObjectStore(await world.durable(), { shards: 3, timeout }),
    D1: d1,
  }
  close = async () => {
    client.disconnect()
    await Promise.all([pool.end(), lite.close(), world.close()])
    await Promise.all([server.close(), redis.close()])
  }
})
after(() => close?.())

const step: fc.Arbitrary<StoreStep> = fc.record({
  method: fc.constantFrom(
    'claim' as const,
    'claim' as const,
    'commit' as const,
    'release' as const,
  ),
  key: fc.constantFrom('x', 'y'),
  token: fc.constantFrom('a', 'b', 'c'),
  isShort: fc.nat(7).map((number) => number === 0),
})

test('memory, Redis, Postgres, PGlite, a Durable Object and D1 answer one schedule alike', async () => {
  let steps = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 25 }), async (schedule) => {
      steps += schedule.length
      await Promise.all(
        Object.entries(stores).map(async ([name, store]) => {
          const trial = createStoreTrial(store, { lease, digest: true, wait })
          await playSchedule(trial, schedule).catch((cause) => {
            throw new Error(`${name}: ${cause.message}`, { cause })
          })
        }),
      )
    }),
    { numRuns: 60 },
  )
  assert.equal(Object.keys(stores).length, 6)
  assert.ok(steps > 300)
})
