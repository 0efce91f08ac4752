import { postgresStore } from 'countersign/postgres'
import knex from 'knex'
import pg from 'pg'
import type { Receiver } from './receiver.js'

export function withKnex(url: string): Receiver {
  const db = knex({ client: 'pg', connection: url })
  // Knex keeps its connections to itself.
  const pool = new pg.Pool({ connectionString: url })
  const store = postgresStore(pool)
  return {
    store,
    recordPayment: (webhook) =>
      db.transaction(async (tx) => {
        await tx('payments').insert({ invoice_id: webhook.payload.invoiceId })
        await store.commitWith(
          (query, params) => tx.raw(query.replace(/\$\d/g, '?'), params),
          webhook,
        )
      }),
    async close() {
      await db.destroy()
      await pool.end()
    },
  }
}
