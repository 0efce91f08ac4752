import type { ClaimResult } from '../idempotency/store.js'

/** The SQL of one table, for SQLite in Durable Objects and D1. Parameters: the key, the token, milliseconds, the digest. */
export interface SqliteStatements {
  /** Creates the table and its index if they are missing. */
  readonly schema: readonly string[]
  /** Returns the row of a {@link ClaimRow}. */
  readonly claim: string
  /** Returns a row, unless another token holds the key. */
  readonly commit: string
  readonly release: string
  /** Deletes expired rows and returns a row for each. Its one parameter is the limit. */
  readonly sweep: string
}

/** Who holds a key after a claim (`null`: it is done), and for how many milliseconds. */
export interface ClaimRow {
  readonly token: string | null
  readonly remaining: number
  readonly digest: string | null
}

const NOW = "CAST(unixepoch('subsec') * 1000 AS INTEGER)"

/** Each operation is one statement, and so one atomic step. Times are in milliseconds, by the database's clock. The token of a delivery that is done is `NULL`. */
export function statementsFor(table: string): SqliteStatements {
  const isFree = `(${table}.until <= ${NOW} OR ${table}.token = excluded.token)`
  return {
    schema: [
      `CREATE TABLE IF NOT EXISTS ${table} (key TEXT PRIMARY KEY, token TEXT, until INTEGER NOT NULL, digest TEXT) WITHOUT ROWID`,
      `CREATE INDEX IF NOT EXISTS ${table}_until ON ${table} (until)`,
    ],
    claim: `INSERT INTO ${table} (key, token, until, digest) VALUES (?1, ?2, ${NOW} + ?3, ?4)
ON CONFLICT (key) DO UPDATE SET
  token = CASE WHEN ${isFree} THEN excluded.token ELSE ${table}.token END,
  until = CASE WHEN ${isFree} THEN excluded.until ELSE ${table}.until END,
  digest = CASE WHEN ${isFree} THEN excluded.digest ELSE ${table}.digest END
RETURNING token, until - ${NOW} AS remaining, digest`,
    commit: `INSERT INTO ${table} (key, token, until, digest) VALUES (?1, NULL, ${NOW} + ?3, ?4)
ON CONFLICT (key) DO UPDATE SET token = NULL, until = excluded.until, digest = excluded.digest
WHERE ${table}.token IS NULL OR ${table}.token = ?2 OR ${table}.until <= ${NOW}
RETURNING key`,
    release: `DELETE FROM ${table} WHERE key = ?1 AND token = ?2`,
    sweep: `DELETE FROM ${table} WHERE key IN (SELECT key FROM ${table} WHERE until <= ${NOW} ORDER BY until LIMIT ?1)
RETURNING key`,
  }
}

export function toClaimResult({ token, remaining, digest }: ClaimRow, asking: string): ClaimResult {
  if (token === asking) return { state: 'claimed' }
  const found = digest ? { digest } : {}
  if (token === null) return { state: 'done', ...found }
  return { state: 'in_progress', retryAfter: Math.max(remaining, 0) / 1000, ...found }
}
