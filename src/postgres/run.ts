import { within } from '../base/within.js'
import { toExecute } from './execute.js'
import { firstText } from './first-text.js'
import type { PostgresDatabase } from './postgres-database.js'
import type { PostgresSettings } from './postgres-options.js'

/** Runs one statement and resolves to the single text of its first row. */
export type Run = (
  text: string,
  params: string[],
  /** Called with the text if it arrives after the time-out. */
  onLate?: (answer: string | undefined) => void,
) => Promise<string | undefined>

const UNDEFINED_TABLE = '42P01'

/** Every statement ends after `timeout` seconds at the latest. Throws a `TypeError` for a client of another kind. */
export function createRun(db: PostgresDatabase, settings: PostgresSettings): Run {
  const execute = toExecute(db, settings)
  // Timers take at most 2 ** 31 milliseconds.
  const milliseconds = Math.min(Math.max(settings.timeout * 1000, 1), 1e9)
  const limit = {
    milliseconds,
    message: `Postgres did not answer within ${milliseconds} ms: check the connection and the pool, or raise timeout`,
  }

  return async (text, params, onLate) => {
    try {
      return await within(settings, limit, async (waiting) => {
        const answer = await execute(text, params, waiting)
        // A statement that was never sent has no answer.
        if (waiting.isOver && answer === undefined) return undefined
        const first = firstText(answer)
        if (waiting.isOver) onLate?.(first)
        return first
      })
    } catch (cause) {
      if (Object(cause).code !== UNDEFINED_TABLE) throw cause
      throw new Error(
        `the table ${settings.table} does not exist: call migrate() once, or run the SQL of schema with your migration tool`,
        { cause },
      )
    }
  }
}
