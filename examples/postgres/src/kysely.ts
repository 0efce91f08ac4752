import { postgresStore } from 'countersign/postgres'
import { CompiledQuery, type Generated, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Receiver } from './receiver.js'

interface Database {
  payments: { id: Generated<number>; invoice_id: string }
}

export function withKysely(url: string): Receiver {
  const pool = new pg.Pool({ connectionString: url })
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
  const store = postgresStore(pool)
  return {
    store,
    recordPayment: (webhook) =>
      db.transaction().execute(async (tx) => {
        const { invoiceId } = webhook.payload
        await tx.insertInto('payments').values({ invoice_id: invoiceId }).execute()
        await store.commitWith(
          (query, params) => tx.executeQuery(CompiledQuery.raw(query, params)),
          webhook,
        )
      }),
    // Ends the pool.
    close: () => db.destroy(),
  }
}
