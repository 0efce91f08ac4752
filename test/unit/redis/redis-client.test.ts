import { afterAll, describe, expect, test } from '@jest/globals'
import { Redis as Upstash } from '@upstash/redis'
import { Redis as UpstashOnWorkers } from '@upstash/redis/cloudflare'
import { createClient as createKv } from '@vercel/kv'
import { redisSnapshot, redisStore } from 'countersign/redis'
import { Cluster, Redis } from 'ioredis'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import { createClient as createClient4, createCluster as createCluster4 } from 'redis4'

// Nothing listens there: what is asked is only whether the client is taken.
const host = '127.0.0.1'
const rest = { url: `http://${host}:9`, token: 'token' }
const io = new Redis(9, host, { lazyConnect: true })
const ioCluster = new Cluster([{ host, port: 9 }], { lazyConnect: true })
// Its types are of a package of their own.
const { createClient: createClient3 } = require('redis3')
const client3 = createClient3({ host, port: 9, retry_strategy: () => undefined })
client3.on('error', () => {})
afterAll(() => {
  io.disconnect()
  ioCluster.disconnect()
  client3.end(false)
})

const supported: Record<string, unknown> = {
  'a client of redis': createClient(),
  'a pool of redis': createClientPool(),
  'a cluster of redis': createCluster({ rootNodes: [{}] }),
  'a sentinel of redis': createSentinel({ name: 'a', sentinelRootNodes: [{ host, port: 9 }] }),
  'a client of redis 4': createClient4(),
  'a cluster of redis 4': createCluster4({ rootNodes: [{}] }),
  'a client of ioredis': io,
  'a cluster of ioredis': ioCluster,
  'a client of @upstash/redis': new Upstash(rest),
  'a client of @upstash/redis without pipelines': new Upstash({
    ...rest,
    enableAutoPipelining: false,
  }),
  'a client of @upstash/redis for Workers': new UpstashOnWorkers(rest),
  'a client of @vercel/kv': createKv(rest),
}

const refused: [name: string, client: unknown, found: RegExp][] = [
  ['nothing', undefined, /found undefined/],
  ['null', null, /found null/],
  ['a URL', 'redis://127.0.0.1', /found text/],
  ['an empty object', {}, /another kind/],
  ['a Map', new Map(), /another kind/],
  ['a memcached client', { get: async () => null, set: async () => {} }, /another kind/],
  ['something that only looks like two of them', { evalsha() {}, eval() {} }, /another kind/],
  ['a client that is still connecting', Promise.resolve(createClient()), /promise: await/],
  ['a client of redis 3', client3, /redis 3 or older/],
  ['a client of redis 4 in legacy mode', createClient4({ legacyMode: true }), /legacy mode/],
  ['a legacy client of redis', createClient().legacy(), /legacy mode/],
  ['a transaction of redis', createClient().multi(), /transaction/],
  ['a pipeline of ioredis', io.pipeline(), /pipeline/],
  ['a pipeline of @upstash/redis', new Upstash(rest).pipeline(), /pipeline/],
]

describe.each([
  ['redisStore', redisStore],
  ['redisSnapshot', redisSnapshot],
])('%s', (_, create) => {
  test.each(Object.entries(supported))('takes %s', (_, client) => {
    expect(() => create(client as never)).not.toThrow()
  })
  test.each(refused)('refuses %s and names the clients that work', (_, client, found) => {
    const refusal = (): unknown => create(client as never)
    expect(refusal).toThrow(TypeError)
    expect(refusal).toThrow(/redis \(4 or newer\), ioredis, @upstash\/redis or @vercel\/kv/)
    expect(refusal).toThrow(found)
  })
})

test('`kv` of @vercel/kv, which has no member of its own, is taken', async () => {
  process.env.KV_REST_API_URL = rest.url
  process.env.KV_REST_API_TOKEN = rest.token
  const { kv } = await import('@vercel/kv')
  expect('evalsha' in kv).toBe(false)
  expect(() => redisStore(kv)).not.toThrow()
})
