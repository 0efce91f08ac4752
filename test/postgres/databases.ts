import { PGlite } from '@electric-sql/pglite'
import type { PostgresDatabase } from 'countersign/postgres'
import pg from 'pg'
import postgres from 'postgres'

export interface Connected {
  readonly db: PostgresDatabase
  close(): Promise<unknown>
}

/** Every kind of client of a server, as an application would connect it. */
export const databases: Readonly<Record<string, (url: string) => Promise<Connected>>> = {
  async 'pg.Pool'(url) {
    const pool = new pg.Pool({ connectionString: url, max: 5 })
    return { db: pool, close: () => pool.end() }
  },
  async 'pg.Client'(url) {
    const client = new pg.Client(url)
    await client.connect()
    return { db: client, close: () => client.end() }
  },
  async postgres(url) {
    const sql = postgres(url, { max: 5, onnotice: () => {} })
    return { db: sql, close: () => sql.end({ timeout: 0 }) }
  },
  async 'query(text, params)'(url) {
    const pool = new pg.Pool({ connectionString: url, max: 5 })
    pool.on('error', () => {})
    // Rows without an object around them, as many wrappers hand them out.
    const query = async (text: string, params: unknown[]) => (await pool.query(text, params)).rows
    return { db: { query }, close: () => pool.end() }
  },
}

/** Postgres inside this process, which needs no server. */
export async function pglite(): Promise<Connected> {
  const db = await PGlite.create()
  return { db, close: () => db.close() }
}
