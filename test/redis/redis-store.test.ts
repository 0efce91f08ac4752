import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type IdempotencyStore, memoryStore } from 'countersign'
import { redisStore } from 'countersign/redis'
import { storeContract } from 'countersign/testing'
import fc from 'fast-check'
import { type Connected, clients } from './clients.js'
import { type RedisServer, redisIsInstalled, startRedis } from './redis-server.js'

const KEY = '/webhooks msg_1'
const STORED = `countersign:${KEY}`
const a = { token: 'a', lease: 60 }
const b = { token: 'b', lease: 60 }

describe.each(Object.keys(clients))('redisStore over %s', (name) => {
  const run = redisIsInstalled ? test : test.skip
  let server: RedisServer
  let connected: Connected
  let store: IdempotencyStore

  beforeAll(async () => {
    if (!redisIsInstalled) return
    server = await startRedis()
    connected = await (clients[name] as (typeof clients)[string])(server.port)
    store = redisStore(connected.client, { timeout: 10 })
  })
  afterAll(async () => {
    connected?.close()
    await server?.close()
  })
  const fresh = (): Promise<unknown> => server.admin.flushall()

  run('claimed, in progress for others, done after the commit', async () => {
    await fresh()
    expect(await store.claim(KEY, a)).toEqual({ state: 'claimed' })
    const other = await store.claim(KEY, b)
    expect(other).toEqual({ state: 'in_progress', retryAfter: expect.any(Number) })
    expect(other).toMatchObject({ retryAfter: expect.closeTo(60, -1) })
    expect(await store.claim('/webhooks msg_2', b)).toEqual({ state: 'claimed' })
    expect(await store.commit(KEY, { token: 'a', ttl: 1000 })).toBe(true)
    expect(await store.claim(KEY, b)).toEqual({ state: 'done' })
    expect(await store.claim(KEY, a)).toEqual({ state: 'done' })
  })

  run('every key expires, by the server’s clock', async () => {
    await fresh()
    await store.claim(KEY, { token: 'a', lease: 12.5 })
    expect(await server.admin.pttl(STORED)).toBeGreaterThan(12_000)
    expect(await server.admin.pttl(STORED)).toBeLessThanOrEqual(12_500)
    await store.commit(KEY, { token: 'a', ttl: 432_000 })
    expect(await server.admin.pttl(STORED)).toBeGreaterThan(431_990_000)
    await server.admin.pexpire(STORED, 1)
    while (await server.admin.exists(STORED)) {}
    expect(await store.claim(KEY, b)).toEqual({ state: 'claimed' })
  })

  run('the holder claims again to renew', async () => {
    await fresh()
    await store.claim(KEY, { token: 'a', lease: 1 })
    expect(await store.claim(KEY, a)).toEqual({ state: 'claimed' })
    expect(await server.admin.pttl(STORED)).toBeGreaterThan(59_000)
  })

  run('after a lease that ran out, the old holder can neither commit nor release', async () => {
    await fresh()
    await store.claim(KEY, a)
    await server.admin.del(STORED)
    await store.claim(KEY, b)
    expect(await store.commit(KEY, { token: 'a', ttl: 1000 })).toBe(false)
    await store.release(KEY, { token: 'a' })
    expect(await store.claim(KEY, a)).toMatchObject({ state: 'in_progress' })
    expect(await store.commit(KEY, { token: 'b', ttl: 1000 })).toBe(true)
  })

  run('a lease that ran out without a successor still commits', async () => {
    await fresh()
    await store.claim(KEY, a)
    await server.admin.del(STORED)
    expect(await store.commit(KEY, { token: 'a', ttl: 1000 })).toBe(true)
    expect(await store.claim(KEY, b)).toEqual({ state: 'done' })
  })

  run('a released claim is free at once; a done delivery cannot be released', async () => {
    await fresh()
    await store.claim(KEY, a)
    await store.release(KEY, { token: 'a' })
    expect(await store.claim(KEY, b)).toEqual({ state: 'claimed' })
    await store.commit(KEY, { token: 'b', ttl: 1000 })
    await store.release(KEY, { token: 'b' })
    expect(await store.claim(KEY, b)).toEqual({ state: 'done' })
  })

  run('a token that looks like the mark of a done delivery is a token', async () => {
    await fresh()
    await store.claim(KEY, { token: '1', lease: 60 })
    expect(await store.claim(KEY, b)).toMatchObject({ state: 'in_progress' })
    await store.release(KEY, { token: '1' })
    expect(await store.claim(KEY, b)).toEqual({ state: 'claimed' })
  })

  run('of a hundred claims at once, one wins', async () => {
    await fresh()
    const other = await (clients.ioredis as (typeof clients)[string])(server.port)
    const stores = [store, redisStore(other.client)]
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        (stores[i % 2] as IdempotencyStore).claim(KEY, { token: String(i), lease: 60 }),
      ),
    )
    other.close()
    expect(results.filter(({ state }) => state === 'claimed')).toHaveLength(1)
    expect(results.filter(({ state }) => state === 'in_progress')).toHaveLength(99)
  })

  run('answers as the memory store does, for any calls in any order', async () => {
    const step = fc.record({
      method: fc.constantFrom('claim' as const, 'commit' as const, 'release' as const),
      key: fc.constantFrom('x', 'y'),
      token: fc.constantFrom('a', 'b', '1'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        await fresh()
        const memory = memoryStore()
        for (const { method, key, token } of steps) {
          const claim = { token, lease: 1000, ttl: 1000 }
          const answers = await Promise.all([memory, store].map((each) => each[method](key, claim)))
          expect(answerOf(answers[1])).toEqual(answerOf(answers[0]))
        }
      }),
      { numRuns: 60 },
    )
  })

  for (const each of storeContract(() => store, { digest: true }))
    run(`the contract: ${each.name}`, each.run)

  run('each operation is one command', async () => {
    await store.claim(KEY, a)
    await store.commit(KEY, { token: 'a', ttl: 1 })
    await store.release(KEY, a)
    await fresh()
    await server.admin.config('RESETSTAT')
    await store.claim(KEY, a)
    await store.commit(KEY, { token: 'a', ttl: 1000 })
    await store.release(KEY, { token: 'a' })
    const stats = await server.admin.info('commandstats')
    expect(stats).toMatch(/cmdstat_evalsha:calls=3,/)
    expect(stats).not.toMatch(/cmdstat_eval:/)
  })

  run('a server that has forgotten the scripts learns them in the same call', async () => {
    await fresh()
    await server.admin.script('FLUSH')
    expect(await store.claim(KEY, a)).toEqual({ state: 'claimed' })
    await server.admin.script('FLUSH')
    expect(await store.commit(KEY, { token: 'a', ttl: 1000 })).toBe(true)
    await server.admin.script('FLUSH')
    await store.release(KEY, a)
  })

  run('the prefix keeps stores apart', async () => {
    await fresh()
    const other = redisStore(connected.client, { prefix: 'other:' })
    await store.claim(KEY, a)
    expect(await other.claim(KEY, b)).toEqual({ state: 'claimed' })
    expect((await server.admin.keys('*')).sort()).toEqual([STORED, `other:${KEY}`])
  })

  run.each([{ prefix: 7 }, { timeout: 0 }, { timeout: Number.NaN }, { ttl: 5 }])(
    '%p is refused',
    (options) => {
      expect(() => redisStore(connected.client, options as never)).toThrow(TypeError)
    },
  )
})

/** The part of an answer that counts: the state of a claim, or whether a commit was ours. A release returns nothing. */
function answerOf(answer: unknown): unknown {
  if (typeof answer === 'boolean') return answer
  return (answer as { state?: string } | undefined)?.state
}

test.each([undefined, null, {}, 'redis://127.0.0.1'])('%p is not a client', (client) => {
  expect(() => redisStore(client as never)).toThrow(TypeError)
})
