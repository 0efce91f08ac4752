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
export function toExecute(db: PostgresDatabase): Execute {
  if (isPool(db)) return onPool(db)
  if (isPgClient(db)) return onClient(db)
  if (isPostgresJs(db)) return onPostgresJs(db)
  if (hasQuery(db)) return async (text, params) => db.query(text, params)
  throw new TypeError(
    'db must be a Pool or Client of pg, a postgres instance, PGlite, or anything with query(text, params)',
  )
}

/** Number of statements that may wait in the client although their callers have given up. */
const MOST_KEPT = 100

/**
 * A statement that was given up is not cancelled; it is harmless when it runs late. If this client cancels a statement that waits for a new
 * connection, it never uses that connection again. To cancel a sent one, it opens another connection, and if that fails the process may end.
 */
function onPostgresJs(sql: PostgresJs): Execute {
  let kept = 0
  /** Until the next answer. Late claims are then released, so statements must be taken again before all are answered. */
  let isFull = false
  return async (text, params, waiting) => {
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
    } finally {
      isFull = false
      if (waiting.isOver) kept--
    }
  }
}
