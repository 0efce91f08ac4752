import { PGlite } from '@electric-sql/pglite'
import type { PostgresTransaction, TransactionQuery } from 'countersign/postgres'
import pg from 'pg'
import postgres from 'postgres'

/** A database in which work is done inside transactions. */
export interface Transactions {
  /** Runs `work` in a transaction: commits, or rolls back with what it threw. */
  run<T>(work: (tx: PostgresTransaction) => Promise<T>): Promise<T>
  /** Runs one statement in the transaction. */
  query(tx: PostgresTransaction, text: string): Promise<unknown>
  close(): Promise<unknown>
}

type Open = (url: string) => Promise<Transactions>

const queryOf = (tx: PostgresTransaction, text: string): Promise<unknown> =>
  (tx as pg.Client).query(text)

async function withPg(url: string, toTx: (client: pg.Client) => PostgresTransaction) {
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  return {
    async run<T>(work: (tx: PostgresTransaction) => Promise<T>): Promise<T> {
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        const result = await work(toTx(client as unknown as pg.Client))
        await client.query('COMMIT')
        return result
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

/** What `tx` may be, each as its documentation begins a transaction. */
export const transactions: Readonly<Record<string, Open>> = {
  pg: async (url) => ({ ...(await withPg(url, (client) => client)), query: queryOf }),
  'a function': async (url) => ({
    ...(await withPg(
      url,
      (client) => (text: string, params: string[]) => client.query(text, params),
    )),
    query: async (tx, text) => (tx as TransactionQuery)(text, []),
  }),
  async postgres(url) {
    const sql = postgres(url, { max: 10, onnotice: () => {} })
    return {
      // The type of what `begin` resolves to unwraps arrays of promises.
      run: (work) => sql.begin((tx) => work(tx)) as ReturnType<typeof work>,
      query: async (tx, text) => (tx as typeof sql).unsafe(text),
      close: () => sql.end({ timeout: 0 }),
    }
  },
  async PGlite() {
    const db = await PGlite.create()
    return {
      run: (work) => db.transaction((tx) => work(tx)),
      query: queryOf,
      close: () => db.close(),
    }
  },
}
