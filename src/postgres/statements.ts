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

/** Blocks of the table that one sweep reads. Reading them takes a few milliseconds. */
const BLOCKS = 256

const after = (seconds: string): string => `now() + ${seconds}::text::float8 * interval '1 second'`

export function createStatements(table: string): Statements {
  return {
    // A duplicate only reads. Neither a duplicate nor a renewal waits for a transaction that has the row: locked rows are skipped.
    // If the row was not taken or seen, another attempt added it after this statement started.
    claim: `WITH seen AS MATERIALIZED (
  SELECT token, state, until, digest FROM ${table} WHERE key = $1::text
), taken AS (
  INSERT INTO ${table} AS d (key, token, state, until, digest)
  SELECT $1::text, $2::text, 'claimed', ${after('$3')}, $4::text
  WHERE NOT EXISTS (SELECT FROM seen) OR EXISTS (
    SELECT FROM ${table}
    WHERE key = $1::text AND (until <= now() OR (state = 'claimed' AND token = $2::text))
    FOR UPDATE SKIP LOCKED
  )
  ON CONFLICT (key) DO UPDATE SET
    token = excluded.token, state = excluded.state, until = excluded.until, digest = excluded.digest
  WHERE d.until <= now() OR (d.state = 'claimed' AND d.token = $2::text)
  RETURNING 1
)
SELECT coalesce(
  (SELECT CASE WHEN (SELECT token FROM seen) = $2::text THEN 'renewed' ELSE 'claimed' END FROM taken),
  (SELECT CASE
    WHEN until <= now() THEN '0'
    WHEN state = 'done' THEN concat_ws(' ', 'done', digest)
    WHEN token = $2::text THEN 'renewed'
    ELSE concat_ws(' ', extract(epoch FROM until - now()), digest)
  END FROM seen), '0') AS answer`,

    // If the row is locked for longer than this, the commit is tried again.
    commit: `INSERT INTO ${table} AS d (key, state, until, digest)
SELECT $1::text, 'done', ${after('$3')}, $4::text
FROM (SELECT set_config('lock_timeout', $5::text, true) OFFSET 0) AS s
ON CONFLICT (key) DO UPDATE SET
  token = NULL, state = 'done', until = excluded.until, digest = excluded.digest
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

    // Reads one part of the table, in the order on disk. Returns the number of deleted rows and the number of parts.
    // In a partitioned table a `ctid` names one row in each partition, so `until` is checked once more.
    sweep: `WITH size AS MATERIALIZED (
  SELECT greatest(1, ceil(pg_relation_size('${table}'::regclass)
    / current_setting('block_size')::float8 / ${BLOCKS}))::bigint AS parts
), part AS MATERIALIZED (
  SELECT format('(%s,0)', $2::text::bigint % parts * ${BLOCKS})::tid AS first,
    format('(%s,0)', ($2::text::bigint % parts + 1) * ${BLOCKS})::tid AS next FROM size
), gone AS (
  DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ${table}
    WHERE ctid >= (SELECT first FROM part) AND ctid < (SELECT next FROM part) AND until <= now()
    LIMIT $1::text::int FOR UPDATE SKIP LOCKED
  )) AND until <= now() RETURNING 1
) SELECT concat_ws(' ', (SELECT count(*) FROM gone), parts) AS answer FROM size`,
  }
}

/**
 * The table of deliveries. It has no index on `until`, so a commit changes no index and the row stays on its page (a "HOT" update).
 * There is no CHECK on `state`: Postgres parses it again for each statement, which costs as much as the row itself.
 */
export function deliveriesSchema(table: string): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (
  key text COLLATE "C" PRIMARY KEY,
  token text,
  state text NOT NULL,
  until timestamptz NOT NULL,
  digest text
);
`
}
