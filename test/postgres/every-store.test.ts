import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type IdempotencyStore, memoryStore } from 'countersign'
import { postgresStore } from 'countersign/postgres'
import { redisStore } from 'countersign/redis'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import pg from 'pg'
import { playSchedule, type StoreStep } from '../../src/testing/store-schedule.js'
import { createTrial } from '../../src/testing/store-trial.js'
import { type RedisServer, redisIsInstalled, startRedis } from '../redis/redis-server.js'
import { type Connected, pglite } from './databases.js'
import { type PostgresServer, postgresIsInstalled, startPostgres } from './postgres-server.js'

const run = postgresIsInstalled && redisIsInstalled ? test : test.skip
const lease = 0.04
const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

let server: PostgresServer
let redis: RedisServer
let pool: pg.Pool
let client: Redis
let lite: Connected
let stores: readonly IdempotencyStore[]

beforeAll(async () => {
  if (!postgresIsInstalled || !redisIsInstalled) return
  ;[server, redis, lite] = await Promise.all([startPostgres(), startRedis(), pglite()])
  pool = new pg.Pool({ connectionString: server.url })
  client = new Redis(redis.port, '127.0.0.1')
  const databases = [pool, lite.db].map((db) => postgresStore(db, { timeout: 10 }))
  for (const store of databases) await store.migrate()
  stores = [memoryStore(), redisStore(client, { timeout: 10 }), ...databases]
})
afterAll(async () => {
  client?.disconnect()
  await Promise.all([pool?.end(), lite?.close()])
  await Promise.all([server?.close(), redis?.close()])
})

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

run('memory, Redis, Postgres and PGlite answer one schedule alike', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await Promise.all(
        stores.map((store) => playSchedule(createTrial(store, { lease, wait }), steps)),
      )
    }),
    { numRuns: 40 },
  )
  expect(stores).toHaveLength(4)
})
