import type { RedisClient } from 'countersign/redis'
import { Redis } from 'ioredis'
import { createClient } from 'redis'

export interface Connected {
  readonly client: RedisClient
  close(): void
}

/** Both client libraries, as an application would connect them. */
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
}
