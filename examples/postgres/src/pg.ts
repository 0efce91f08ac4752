import { postgresStore } from 'countersign/postgres'
import pg from 'pg'
import type { Receiver } from './receiver.js'

export function withPg(url: string): Receiver {
  const pool = new pg.Pool({ connectionString: url })
  const store = postgresStore(pool)
  return {
    store,
    async recordPayment(webhook) {
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        await client.query('INSERT INTO payments (invoice_id) VALUES ($1)', [
          webhook.payload.invoiceId,
        ])
        await store.commitWith(client, webhook)
        await client.query('COMMIT')
      } catch (error) {
        await client.query('ROLLBACK')
        throw error
      } finally {
        client.release()
      }
    },
    close: () => pool.end(),
  }
}
