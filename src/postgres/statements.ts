import type { Table } from './identifier.js'

/**
 * Every operation is one statement, correct under READ COMMITTED, by the server's clock. All parameters are texts, and each answer is one text,
 * so that it does not matter which types a client knows.
 */
export interface Statements {
  readonly claim: string
  readonly commit: string
  readonly release: string
  readonly commitWith: string
  readonly sweep: string
}

const after = (seconds: string): string => `now() + ${seconds}::text::float8 * interval '1 second'`

export function createStatements({ sql: table }: Table): Statements {
  return {
    // A duplicate only reads. Neither a duplicate nor a renewal waits for a transaction that has the row: locked rows are skipped.
    // If the row was not taken, added or seen, another attempt added it after this statement started.
    claim: `WITH seen AS MATERIALIZED (
  SELECT token, state, until FROM ${table} WHERE key = $1::text
), taken AS (
  UPDATE ${table} SET token = $2::text, state = 'claimed', until = ${after('$3')}
  WHERE key = (
    SELECT key FROM ${table}
    WHERE key = $1::text AND (until <= now() OR (state = 'claimed' AND token = $2::text))
    FOR UPDATE SKIP LOCKED
  ) RETURNING 1
), added AS (
  INSERT INTO ${table} (key, token, state, until)
  SELECT $1::text, $2::text, 'claimed', ${after('$3')} WHERE NOT EXISTS (SELECT FROM seen)
  ON CONFLICT (key) DO NOTHING RETURNING 1
)
SELECT coalesce(
  (SELECT CASE WHEN seen.token = $2::text THEN 'renewed' ELSE 'claimed' END FROM taken, seen),
  (SELECT 'claimed' FROM added),
  (SELECT CASE
    WHEN until <= now() THEN '0'
    WHEN state = 'done' THEN 'done'
    WHEN token = $2::text THEN 'renewed'
    ELSE extract(epoch FROM until - now())::text
  END FROM seen), '0') AS answer`,

    // If the row is locked for longer than this, the commit is tried again.
    commit: `INSERT INTO ${table} AS d (key, state, until)
SELECT $1::text, 'done', ${after('$3')}
FROM (SELECT set_config('lock_timeout', $4::text, true) OFFSET 0) AS s
ON CONFLICT (key) DO UPDATE SET token = NULL, state = 'done', until = excluded.until
WHERE d.state = 'done' OR d.token = $2::text OR d.until <= now()
RETURNING 'done' AS answer`,

    release: `DELETE FROM ${table} WHERE key = (
  SELECT key FROM ${table} WHERE key = $1::text AND token = $2::text AND state = 'claimed'
  FOR UPDATE NOWAIT
) RETURNING 'released' AS answer`,

    // Each parameter once and in order, for query builders without numbered parameters.
    commitWith: `UPDATE ${table} SET token = NULL, state = 'done', until = ${after('$1')}
WHERE key = $2::text AND token = $3::text AND state = 'claimed' AND until > clock_timestamp()
RETURNING 'done' AS answer`,

    sweep: `WITH gone AS (
  DELETE FROM ${table} WHERE key = ANY (ARRAY(
    SELECT key FROM ${table} WHERE until <= now() ORDER BY until LIMIT $1::text::int
    FOR UPDATE SKIP LOCKED
  )) RETURNING 1
) SELECT count(*)::text AS answer FROM gone`,
  }
}

/** The table of deliveries, and the index that finds expired rows. */
export function deliveriesSchema(table: Table): string {
  return `CREATE TABLE IF NOT EXISTS ${table.sql} (
  key text COLLATE "C" PRIMARY KEY,
  token text,
  state text NOT NULL CHECK (state IN ('claimed', 'done')),
  until timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS ${table.name('_until')} ON ${table.sql} (until);
`
}
