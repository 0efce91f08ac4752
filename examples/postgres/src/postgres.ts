import { postgresStore } from 'countersign/postgres'
import postgres from 'postgres'
import type { Receiver } from './receiver.js'

export function withPostgres(url: string): Receiver {
  const sql = postgres(url, { fetch_types: false })
  const store = postgresStore(sql)
  return {
    store,
    recordPayment: (webhook) =>
      sql.begin(async (tx) => {
        await tx`INSERT INTO payments (invoice_id) VALUES (${webhook.payload.invoiceId})`
        await store.commitWith(tx, webhook)
      }),
    close: () => sql.end(),
  }
}
