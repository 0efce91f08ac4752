import { postgresStore } from 'countersign/postgres'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { pgTable, serial, text } from 'drizzle-orm/pg-core'
import pg from 'pg'
import type { Receiver } from './receiver.js'

const payments = pgTable('payments', {
  id: serial('id').primaryKey(),
  invoiceId: text('invoice_id').notNull(),
})

export function withDrizzle(url: string): Receiver {
  const pool = new pg.Pool({ connectionString: url })
  const db = drizzle(pool)
  const store = postgresStore(pool)
  return {
    store,
    recordPayment: (webhook) =>
      db.transaction(async (tx) => {
        await tx.insert(payments).values({ invoiceId: webhook.payload.invoiceId })
        await store.commitWith((query, params) => tx.execute(bind(query, params)), webhook)
      }),
    close: () => pool.end(),
  }
}

/** The statement with its parameters, which stand in it once and in order, as Drizzle takes them. */
function bind(query: string, params: readonly string[]) {
  const [first = '', ...rest] = query.split(/\$\d/)
  return sql.join([sql.raw(first), ...rest.map((part, i) => sql`${params[i]}${sql.raw(part)}`)])
}
