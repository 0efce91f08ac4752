import {
  type Execute,
  hasQuery,
  isPgClient,
  isPool,
  isPostgresJs,
  type PostgresDatabase,
  type PostgresJs,
  type PostgresJsQuery,
} from './clients.js'
import { onClient, onPool } from './pg.js'

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

function onPostgresJs(sql: PostgresJs): Execute {
  return async (text, params, waiting) => {
    // A prepared statement is one round trip. Otherwise this client asks for the types of the parameters first.
    const query: PostgresJsQuery = sql.unsafe(text, params, { prepare: params.length > 0 })
    // Cancels only a queued statement. To cancel a sent one, this client opens a connection, and if that fails the process may end.
    waiting.giveUp = () => {
      if (query.state === null) query.cancel?.()
    }
    return query
  }
}
