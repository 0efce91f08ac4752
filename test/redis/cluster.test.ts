import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type RedisClient, redisStore } from 'countersign/redis'
import { Cluster } from 'ioredis'
import { createCluster } from 'redis'
import { type RedisServer, redisIsInstalled, startRedis } from './redis-server.js'

const SLOTS = 16_384

describe('redisStore on a cluster of two', () => {
  const run = redisIsInstalled ? test : test.skip
  let nodes: readonly RedisServer[] = []

  beforeAll(async () => {
    if (!redisIsInstalled) return
    nodes = await Promise.all([1, 2].map(() => startRedis('--cluster-enabled', 'yes')))
    const [first, second] = nodes as [RedisServer, RedisServer]
    await first.admin.cluster('ADDSLOTSRANGE', 0, SLOTS / 2 - 1)
    await second.admin.cluster('ADDSLOTSRANGE', SLOTS / 2, SLOTS - 1)
    await second.admin.cluster('SET-CONFIG-EPOCH', 2)
    await first.admin.cluster('MEET', '127.0.0.1', second.port)
    for (const { admin } of nodes) await untilWhole(admin)
  })
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.close()))
  })

  async function untilWhole(admin: RedisServer['admin']): Promise<void> {
    while (!/cluster_state:ok/.test((await admin.cluster('INFO')) as string)) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** Deliveries whose keys lie on both nodes go through their whole life. */
  async function works(client: RedisClient): Promise<void> {
    const store = redisStore(client, { timeout: 5 })
    const keys = Array.from({ length: 40 }, (_, i) => `/webhooks msg_${i}`)
    const claim = { token: 'a', lease: 60 }
    for (const key of keys) {
      expect(await store.claim(key, claim)).toEqual({ state: 'claimed' })
      expect(await store.claim(key, { ...claim, token: 'b' })).toMatchObject({
        state: 'in_progress',
      })
      await store.release(key, claim)
      await store.claim(key, claim)
      expect(await store.commit(key, { token: 'a', ttl: 100 })).toBe(true)
      expect(await store.claim(key, claim)).toEqual({ state: 'done' })
    }
    for (const { admin } of nodes) {
      expect(await admin.dbsize()).toBeGreaterThan(5)
      await admin.flushall()
    }
  }

  run('ioredis', async () => {
    const client = new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port })))
    await works(client)
    client.disconnect()
  })

  run('redis', async () => {
    const rootNodes = nodes.map(({ port }) => ({ socket: { host: '127.0.0.1', port } }))
    const client = createCluster({ rootNodes })
    await client.connect()
    await works(client)
    client.destroy()
  })
})
