import { type OptionTable, resolveOptions, text } from '../base/options.js'
import type { SecretSnapshot } from '../sources/snapshot.js'
import { SNAPSHOT_OPTIONS, storedSnapshot } from '../sources/stored-snapshot.js'
import { migrate } from './migrate.js'
import type { PostgresDatabase } from './postgres-database.js'
import { POSTGRES_OPTIONS, type PostgresOptions } from './postgres-options.js'
import { quoteTable } from './quote-table.js'
import { createRun } from './run.js'

/** Options of {@link postgresSnapshot}. */
export interface PostgresSnapshotOptions extends PostgresOptions {
  /** The table, as `name` or `schema.name`, in the letter case of its creation. Default `'countersign_snapshots'`. */
  table?: string | undefined
  /** The name of the snapshot in the table. Use one for each account. Default `'countersign:secret'`. */
  key?: string | undefined
  /** Encrypts and authenticates the snapshot with AES-GCM: 16 or 32 bytes, or their base64. Without it, the table holds the secret as plain text, and anybody who can write there can replace it. */
  encryptionKey?: string | Uint8Array | undefined
}

/** A snapshot in Postgres. */
export interface PostgresSnapshot extends SecretSnapshot {
  /** The SQL that creates the table, for your own migration tool. */
  readonly schema: string
  /** Creates the table if it is missing. Any number of processes may call it at once. */
  migrate(): Promise<void>
}

const OPTIONS = {
  table: text('countersign_snapshots'),
  ...SNAPSHOT_OPTIONS,
  ...POSTGRES_OPTIONS,
} satisfies OptionTable<PostgresSnapshotOptions>

/**
 * Keeps the last known secret in Postgres, so that a cold start survives an outage of the account API.
 *
 * Throws a `TypeError` for an unknown or invalid option, and for a client of another kind.
 *
 * @example
 * ```ts
 * import { accountSecret } from 'countersign/account'
 * import { postgresSnapshot } from 'countersign/postgres'
 * import pg from 'pg'
 * const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
 * const snapshot = postgresSnapshot(pool, { encryptionKey: process.env.SNAPSHOT_KEY })
 * await snapshot.migrate()
 * export const secret = accountSecret({ token: process.env.ACCOUNT_TOKEN ?? '', snapshot })
 * ```
 */
export function postgresSnapshot(
  db: PostgresDatabase,
  options: PostgresSnapshotOptions = {},
): PostgresSnapshot {
  const settings = resolveOptions(options, OPTIONS)
  const { key } = settings
  const table = quoteTable(settings.table)
  const schema = snapshotsSchema(table)
  const run = createRun(db, settings)

  const snapshot = storedSnapshot(
    {
      async read() {
        const stored = await run(
          `SELECT version::text || ' ' || snapshot AS answer FROM ${table} WHERE key = $1::text`,
          [key],
        )
        return stored === undefined ? undefined : parseStored(stored)
      },
      write: async (text, version) =>
        (await run(saving(table), [key, String(version), text])) !== undefined,
    },
    key,
    options,
  )
  return { ...snapshot, schema, migrate: () => migrate(db, settings, schema, table) }
}

function snapshotsSchema(table: string): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (
  key text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL,
  snapshot text NOT NULL
);
`
}

/** Returns no row if the stored snapshot has the same or a higher version. */
function saving(table: string): string {
  return `INSERT INTO ${table} AS s (key, version, snapshot)
VALUES ($1::text, $2::text::bigint, $3::text)
ON CONFLICT (key) DO UPDATE SET version = excluded.version, snapshot = excluded.snapshot
WHERE s.version < excluded.version RETURNING 'saved' AS answer`
}

function parseStored(stored: string): { text: string; version: number } {
  const end = stored.indexOf(' ')
  return { text: stored.slice(end + 1), version: Number(stored.slice(0, end)) }
}
