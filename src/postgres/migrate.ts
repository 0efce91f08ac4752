import type { PostgresDatabase } from './clients.js'
import { toExecute } from './execute.js'
import type { Table } from './identifier.js'

/** Held while the table is created: any number that nobody else is likely to take. */
const LOCK = 7_250_612_093_311

/**
 * One statement, so that every kind of client can send it. Whoever comes second waits for the lock and finds the table.
 * A role that may not create tables can call it too, once the table is there.
 */
export function migration(schema: string, table: Table): string {
  return `DO $countersign$ BEGIN
  IF to_regclass('${table.sql}') IS NOT NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(${LOCK});
${schema}END $countersign$`
}

/** Takes as long as it takes: a deployment waits for it, not a delivery. */
export async function migrate(db: PostgresDatabase, schema: string, table: Table): Promise<void> {
  await toExecute(db)(migration(schema, table), [], { isOver: false, giveUp: () => {} })
}
