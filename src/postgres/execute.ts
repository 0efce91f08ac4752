import { startTimer, type Timers } from '../base/timers.js'
import { onClient, onPool } from './pg.js'
import {
  type Execute,
  hasQuery,
  isPgClient,
  isPool,
  isPostgresJs,
  type PostgresDatabase,
  type PostgresJs,
} from './postgres-database.js'

/** Runs statements on every kind of client. Throws a `TypeError` for a client of another kind. */
export function toExecute(db: PostgresDatabase, timers: Timers): Execute {
  if (isPool(db)) return onPool(db)
  if (isPgClient(db)) return onClient(db)
  if (isPostgresJs(db)) return onPostgresJs(db, timers)
  if (hasQuery(db)) return async (text, params) => db.query(text, params)
  throw new TypeError(
    'db must be a Pool or Client of pg, a postgres instance, PGlite, or anything with query(text, params)',
  )
}

/** Number of statements that may wait in the client although their callers have given up. */
const MOST_KEPT = 100

/** Milliseconds. A connection that has failed is closed later in the same turn of the event loop. */
const CLOSING = 10

/**
 * A statement that was given up is not cancelled; it is harmless when it runs late. If this client cancels a statement that waits for a new
 * connection, it never uses that connection again. To cancel a sent one, it opens another connection, and if that fails the process may end.
 *
 * Between the failure of a connection and its end, this client still gives it statements. It forgets to fail these, and when it has connected
 * again, every answer goes to an earlier statement than its own, for ever. So the statement after a failure waits.
 */
function onPostgresJs(sql: PostgresJs, timers: Timers): Execute {
  let closing: Promise<void> | undefined
  let kept = 0
  /** Until the next answer. Late claims are then released, so statements must be taken again before all are answered. */
  let isFull = false
  return async (text, params, waiting) => {
    if (closing) await closing
    if (waiting.isOver) return undefined
    if (isFull)
      throw new Error(
        `Postgres has not answered ${kept} earlier statements: check the connection and the pool`,
      )
    waiting.giveUp = () => {
      isFull = ++kept >= MOST_KEPT
    }
    try {
      // A prepared statement is one round trip. Otherwise this client asks for the types of the parameters first.
      return await sql.unsafe(text, params, { prepare: params.length > 0 })
    } catch (error) {
      closing ??= new Promise<void>((resolve) => {
        startTimer(timers, resolve, CLOSING)
      }).then(() => {
        closing = undefined
      })
      throw error
    } finally {
      isFull = false
      if (waiting.isOver) kept--
    }
  }
}
