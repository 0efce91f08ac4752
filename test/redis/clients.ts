import { Redis as Upstash } from '@upstash/redis'
import { createClient as createKv } from '@vercel/kv'
import type { RedisClient } from 'countersign/redis'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { startUpstash } from './upstash-server.js'

export interface Connected {
  readonly client: RedisClient
  close(): void
}

/** Every kind of client, as an application would connect it. */
export const clients: Readonly<Record<string, (port: number) => Promise<Connected>>> = {
  async redis(port) {
    const client = createClient({
      socket: { host: '127.0.0.1', port, reconnectStrategy: () => 20 },
    })
    await client.connect()
    return { client, close: () => client.destroy() }
  },
  async ioredis(port) {
    const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 20 })
    // Only so that its own notes on each broken connection do not fill the report.
    client.on('error', () => {})
    await client.ping()
    return { client, close: () => client.disconnect() }
  },
  '@upstash/redis': (port) =>
    overRest(port, (url, token) => new Upstash({ url, token, enableTelemetry: false })),
  // Sends what is asked at the same time as one pipeline.
  '@vercel/kv': (port) => overRest(port, (url, token) => createKv({ url, token })),
}

async function overRest(
  port: number,
  create: (url: string, token: string) => RedisClient,
): Promise<Connected> {
  const redis = new Redis(port, '127.0.0.1', { retryStrategy: () => 20 })
  redis.on('error', () => {})
  await redis.ping()
  const server = await startUpstash(redis)
  return {
    client: create(server.url, server.token),
    close() {
      redis.disconnect()
      void server.close()
    },
  }
}
