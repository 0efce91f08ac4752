// What is compared. Each handles a delivery completely, and fails loudly if it is not new.
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { createReceiver } from '../../dist/esm/src/http/index.js'
import { memoryStore } from '../../dist/esm/src/index.js'
import { redisStore } from '../../dist/esm/src/redis/index.js'

const connect = {
  async redis(port) {
    const client = createClient({ socket: { host: '127.0.0.1', port } })
    await client.connect()
    return { client, close: () => client.destroy() }
  },
  async ioredis(port) {
    const client = new Redis(port, '127.0.0.1')
    await client.ping()
    return { client, close: () => client.disconnect() }
  },
}

function receiving({ secret, scope, store }) {
  const idempotency = store && { store, scope }
  const receive = createReceiver({ secret, parse: 'none', idempotency })
  return async ({ headers, body }, context) => {
    const outcome = await receive({ headers, readBody: () => body, context })
    if (!outcome.webhook) throw new Error(`refused: ${outcome.error}`)
    await outcome.settle?.(204)
  }
}

function withRedis(library) {
  return async ({ port, ...options }) => {
    const { client, close } = await connect[library](port)
    return { handle: receiving({ ...options, store: redisStore(client) }), close }
  }
}

/** The least that any such check costs over this client: one `SET` that only a new key gets through. */
const bare = {
  redis: (client) => (key) =>
    client.set(key, '1', { condition: 'NX', expiration: { type: 'PX', value: 432_000_000 } }),
  ioredis: (client) => (key) => client.set(key, '1', 'PX', 432_000_000, 'NX'),
}

function bareSet(library) {
  return async ({ port, scope }) => {
    const { client, close } = await connect[library](port)
    const set = bare[library](client)
    const handle = async ({ id }, context) => {
      if ((await set(`${scope(context)} ${id}`)) !== 'OK') throw new Error('not new')
    }
    return { handle, close }
  }
}

export const CONTESTANTS = {
  verify: (options) => ({ handle: receiving(options), close() {} }),
  memory: (options) => ({ handle: receiving({ ...options, store: memoryStore() }), close() {} }),
  redis: withRedis('redis'),
  ioredis: withRedis('ioredis'),
  'SET NX redis': bareSet('redis'),
  'SET NX ioredis': bareSet('ioredis'),
}
