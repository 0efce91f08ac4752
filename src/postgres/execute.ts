import {
  type Execute,
  hasQuery,
  isPgClient,
  isPool,
  isPostgresJs,
  type PostgresDatabase,
  type PostgresJs,
} from './clients.js'
import { onClient, onPool } from './pg.js'

/** One way to every kind of client. Throws a `TypeError` for a client of another kind. */
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
    // Prepared, it is one round trip; otherwise this client asks for the types of the parameters first.
    const query: PromiseLike<unknown> & { cancel?(): unknown } = sql.unsafe(text, params, {
      prepare: params.length > 0,
    })
    // Takes the statement out of the queue, or asks the server to end it; there may be no way to the server.
    waiting.giveUp = () => void Promise.resolve(query.cancel?.()).catch(() => {})
    return query
  }
}
