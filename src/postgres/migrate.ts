import type { Timers } from '../base/timers.js'
import { toExecute } from './execute.js'
import type { PostgresDatabase } from './postgres-database.js'

/** The advisory lock that is held while the table is created. The number is arbitrary and unlikely to be used by others. */
const LOCK = 7_250_612_093_311

/**
 * One statement, so that every kind of client can send it. A second caller waits for the lock and finds the table.
 * A role without the right to create tables can call it too, if the table exists.
 */
export function migration(schema: string, table: string): string {
  return `DO $countersign$ BEGIN
  IF to_regclass('${table}') IS NOT NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(${LOCK});
${schema}END $countersign$`
}

/** Has no time limit, because a deployment waits for it and not a delivery. */
export async function migrate(
  db: PostgresDatabase,
  timers: Timers,
  schema: string,
  table: string,
): Promise<void> {
  await toExecute(db, timers)(migration(schema, table), [], { isOver: false, giveUp: () => {} })
}
