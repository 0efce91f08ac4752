import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { IdempotencyStore } from 'countersign'
import { redisStore } from 'countersign/redis'
import { type Connected, clients } from './clients.js'
import { type RedisServer, redisIsInstalled, startRedis } from './redis-server.js'
import { startTap, type Tap } from './tap.js'

const KEY = '/webhooks msg_1'
const claim = { token: 'a', lease: 60 }

describe.each(Object.keys(clients))('redisStore over %s, when Redis fails', (name) => {
  const run = redisIsInstalled ? test : test.skip
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  let server: RedisServer
  let tap: Tap
  let connected: Connected
  let store: IdempotencyStore

  beforeEach(async () => {
    if (!redisIsInstalled) return
    process.on('unhandledRejection', note)
    server = await startRedis('--enable-debug-command', 'yes')
    tap = await startTap(server.port)
    connected = await (clients[name] as (typeof clients)[string])(tap.port)
    store = redisStore(connected.client, { timeout: 0.25 })
  })
  afterEach(async () => {
    if (!redisIsInstalled) return
    connected.close()
    await tap.close()
    await server.close()
    process.off('unhandledRejection', note)
    expect(unhandled.splice(0)).toEqual([])
  })

  /** The result of a claim, or its error. */
  async function attempt(key: string): Promise<unknown> {
    try {
      return await store.claim(key, claim)
    } catch (error) {
      return error
    }
  }

  /** Every operation rejects, none hangs. */
  async function fails(): Promise<string> {
    const results = await Promise.allSettled([
      store.claim(KEY, claim),
      store.commit(KEY, { token: 'a', ttl: 1000 }),
      store.release(KEY, claim),
    ])
    expect(results.map(({ status }) => status)).toEqual(Array(3).fill('rejected'))
    return results.map((result) => 'reason' in result && result.reason.message).join()
  }

  /** Sooner or later, the same store works again. */
  async function recovers(): Promise<void> {
    const until = performance.now() + 20_000
    for (;;) {
      const result = await attempt('other')
      if (performance.now() > until) throw result
      if ((result as { state?: string }).state === 'claimed') return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  run('connections that are cut', async () => {
    await store.claim(KEY, claim)
    tap.mode = 'refuse'
    tap.cut()
    await fails()
    await fails()
    tap.mode = 'pass'
    await recovers()
  })

  run('a connection that is cut again and again while it is busy', async () => {
    let answered = 0
    for (let round = 0; round < 30 || answered === 0; round++) {
      const batch = Array.from({ length: 20 }, (_, i) => store.claim(`${KEY} ${i}`, claim))
      setImmediate(tap.cut)
      const results = await Promise.allSettled(batch)
      answered += results.filter(({ status }) => status === 'fulfilled').length
    }
    await recovers()
  })

  run('a network that drops everything silently', async () => {
    tap.mode = 'swallow'
    expect(await fails()).toMatch(/did not answer within 250 ms/)
    tap.mode = 'pass'
    tap.cut()
    await recovers()
  })

  run('a server that hangs', async () => {
    server.signal('SIGSTOP')
    expect(await fails()).toMatch(/did not answer/)
    server.signal('SIGCONT')
    await recovers()
  })

  run('a server that is killed, and comes back empty', async () => {
    server.signal('SIGKILL')
    await fails()
    await server.restart()
    await recovers()
  })

  run('an answer that is lost: the same attempt may claim again', async () => {
    await store.claim('warm', claim)
    tap.mode = 'mute'
    await attempt(KEY)
    expect(await server.admin.exists(`countersign:${KEY}`)).toBe(1)
    tap.mode = 'pass'
    await recovers()
    expect(await store.claim(KEY, claim)).toEqual({ state: 'claimed' })
    expect(await store.claim(KEY, { token: 'b', lease: 60 })).toMatchObject({
      state: 'in_progress',
    })
  })

  run(
    'a claim that comes too late is released, although the server has seen no release yet',
    async () => {
      await store.claim('warm', claim)
      await server.admin.client('PAUSE', 600, 'ALL')
      expect(String(await attempt(KEY))).toMatch(/did not answer/)
      await expect(Promise.resolve(store.release(KEY, claim))).rejects.toThrow(/did not answer/)
      await server.admin.ping()
      const until = performance.now() + 5_000
      while (await server.admin.exists(`countersign:${KEY}`)) {
        expect(performance.now()).toBeLessThan(until)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
  )

  run('READONLY: the server has become a replica', async () => {
    await server.admin.replicaof('127.0.0.1', '1')
    expect(String(await attempt(KEY))).toMatch(/READONLY/)
    await server.admin.replicaof('NO', 'ONE')
    await recovers()
  })

  run('OOM: the server is full and evicts nothing', async () => {
    await server.admin.config('SET', 'maxmemory', '1')
    expect(String(await attempt(KEY))).toMatch(/OOM/)
    await server.admin.config('SET', 'maxmemory', '0')
    await recovers()
  })

  run('LOADING: the server reads its data back', async () => {
    await server.admin.debug('POPULATE', 600, 'filler', 4096)
    await server.admin.save()
    server.signal('SIGKILL')
    const slowly = ['--key-load-delay', '5000', '--loading-process-events-interval-bytes', '1024']
    await server.restart(...slowly)
    // ioredis asks the server itself whether it is still loading, and holds commands back.
    const reason = name === 'redis' ? /LOADING/ : /did not answer/
    let told = await fails()
    while (!reason.test(told)) told = await fails()
    await recovers()
  })

  run('another kind of value at the key', async () => {
    await server.admin.lpush(`countersign:${KEY}`, 'x')
    expect(await fails()).toMatch(/WRONGTYPE/)
  })
})
