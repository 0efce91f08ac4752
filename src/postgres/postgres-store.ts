import { flag, type OptionTable, resolveOptions, text } from '../base/options.js'
import { assertCalled } from '../idempotency/assert-called.js'
import type { ClaimResult, IdempotencyStore } from '../idempotency/store.js'
import { type ClaimedWebhook, commitWith, type PostgresTransaction } from './commit-with.js'
import { migrate } from './migrate.js'
import type { PostgresDatabase } from './postgres-database.js'
import { POSTGRES_OPTIONS, type PostgresOptions, secondsText } from './postgres-options.js'
import { quoteTable } from './quote-table.js'
import { createRun } from './run.js'
import { createStatements, deliveriesSchema } from './statements.js'
import { storedKey } from './stored-key.js'
import { createAutoSweep, createSweepPart, type SweepOptions, sweep } from './sweep.js'

/** Options of {@link postgresStore}. */
export interface PostgresStoreOptions extends PostgresOptions {
  /** The table, as `name` or `schema.name`, in the letter case of its creation. Default `'countersign_deliveries'`. */
  table?: string | undefined
  /** `true` deletes expired rows automatically; `false` leaves that to your calls of `sweep()`. Default `true`. */
  sweep?: boolean | undefined
}

/** A store in Postgres. */
export interface PostgresStore extends IdempotencyStore {
  /** The SQL that creates the table, for your own migration tool. */
  readonly schema: string
  /** Creates the table if it is missing. Any number of processes may call it at once. */
  migrate(): Promise<void>
  /** Deletes expired rows, at most `limit`. Resolves to the number of deleted rows. */
  sweep(options?: SweepOptions): Promise<number>
  /**
   * Marks the delivery as done inside your own transaction, so that your work and the mark commit together or not at all.
   * Throws a `WebhookError` with the code `claim_lost` if the claim was lost. Let the error roll back your transaction.
   */
  commitWith(tx: PostgresTransaction, webhook: ClaimedWebhook): Promise<void>
}

const OPTIONS = {
  table: text('countersign_deliveries'),
  sweep: flag(),
  ...POSTGRES_OPTIONS,
} satisfies OptionTable<PostgresStoreOptions>

/** How long `commitWith` remembers a delivery. The answer that follows sets the `ttl` of the options. */
const TTL = 432_000

/**
 * Remembers deliveries in Postgres, for any number of processes. Each operation is one round trip. Rows expire by the server's clock.
 *
 * Takes a `Pool` or `Client` of `pg`, an instance of `postgres`, PGlite, or anything with `query(text, params)`. If an operation fails
 * (no connection, no free client in the pool, a read-only replica, no answer within `timeout`), the delivery is refused with `store_unavailable`;
 * see `onStoreError`.
 *
 * Throws a `TypeError` for an unknown or invalid option, and for a client of another kind.
 *
 * @example
 * ```ts
 * import { verifyWebhook } from 'countersign/express'
 * import { postgresStore } from 'countersign/postgres'
 * import pg from 'pg'
 * const store = postgresStore(new pg.Pool({ connectionString: process.env.DATABASE_URL }))
 * await store.migrate()
 * export const webhooks = verifyWebhook({
 *   secret: process.env.WEBHOOK_SECRET ?? '',
 *   idempotency: store,
 * })
 * ```
 */
export function postgresStore(
  db: PostgresDatabase,
  options: PostgresStoreOptions = {},
): PostgresStore {
  assertCalled(db, 'postgresStore(pool)')
  const settings = resolveOptions(options, OPTIONS)
  const table = quoteTable(settings.table)
  const statements = createStatements(table)
  const schema = deliveriesSchema(table)
  const run = createRun(db, settings)
  const lockTimeout = String(Math.max(Math.floor(settings.timeout * 800), 1))
  const sweepPart = createSweepPart(run, statements.sweep)
  const sweepNowAndThen = createAutoSweep(sweepPart)

  const release = async (key: string, token: string): Promise<unknown> =>
    run(statements.release, [await storedKey(key), token])

  return {
    async claim(key, { token, lease, digest = '' }) {
      if (settings.sweep !== false) sweepNowAndThen()
      const params = [await storedKey(key), token, secondsText(lease), digest]
      const answer = await run(statements.claim, params, (late) => {
        // The caller does not know that this attempt has the key, so it would not free it.
        if (late === 'claimed') release(key, token).catch(() => {})
      })
      return toResult(answer)
    },
    async commit(key, { token, ttl, digest = '' }) {
      const params = [await storedKey(key), token, secondsText(ttl), digest, lockTimeout]
      return (await run(statements.commit, params)) === 'done'
    },
    release: (key, { token }) => release(key, token),
    schema,
    migrate: () => migrate(db, settings, schema, table),
    sweep: async (limits = {}) => sweep(sweepPart, limits),
    commitWith: (tx, webhook) => commitWith(statements.commitWith, TTL, tx, webhook),
  }
}

function toResult(answer = ''): ClaimResult {
  if (answer === 'claimed' || answer === 'renewed') return { state: 'claimed' }
  const [, word, digest] = /^(\S*) ?(.*)/s.exec(answer) ?? []
  const found = digest ? { digest } : {}
  if (word === 'done') return { state: 'done', ...found }
  const left = Number(word || Number.NaN)
  if (left >= 0) return { state: 'in_progress', retryAfter: left, ...found }
  throw new TypeError(
    'Postgres must answer the statement with its own columns: does a wrapper of the client change its answers?',
  )
}
