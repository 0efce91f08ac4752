import { toMilliseconds } from '../base/milliseconds.js'
import { flag, type OptionTable, positive, resolveOptions, text } from '../base/options.js'
import { type Timers, withTimers } from '../base/timers.js'
import { assertCalled } from '../idempotency/assert-called.js'
import type { IdempotencyStore } from '../idempotency/store.js'
import { assertBinding, type D1Binding, type D1Rows, type D1Statement } from './bindings.js'
import { inTime } from './in-time.js'
import { type ClaimRow, statementsFor, toClaimResult } from './statements.js'

/** Options of {@link d1Store}. */
export interface D1StoreOptions {
  /** Name of the table: letters, digits and `_`. Default `'countersign_deliveries'`. */
  table?: string | undefined
  /** Longest time for one operation, in seconds. Default 5. */
  timeout?: number | undefined
  /** `true`: each commit deletes two expired rows, so that the table does not grow for ever. Default `true`. */
  sweep?: boolean | undefined
  /** Default: the platform's timers. */
  setTimeout?: Timers['setTimeout'] | undefined
  clearTimeout?: Timers['clearTimeout'] | undefined
}

/** An idempotency store in D1. */
export interface D1Store extends IdempotencyStore {
  /** The SQL that creates the table, for a migration of your own. */
  readonly schema: string
  /** Creates the table if it is missing. You can call it again, and from many places at once. */
  migrate(): Promise<void>
  /** Deletes at most `limit` expired rows (default 1000). Resolves to the number of deleted rows. */
  sweep(options?: { readonly limit?: number }): Promise<number>
}

const OPTIONS = withTimers({
  table: text('countersign_deliveries'),
  timeout: positive(5),
  sweep: flag(),
}) satisfies OptionTable<D1StoreOptions>
const SWEEP_OPTIONS = { limit: positive(1000) }

/** More than one commit adds, so the table drains. */
const SWEPT_PER_COMMIT = 2

/**
 * Remembers deliveries in a D1 database, for Workers all over the world. Each operation is one round trip and one atomic step. Rows expire by the
 * database's clock. The table comes from `migrate()`, or from a migration of your own with the SQL in `schema`.
 *
 * Throws a `TypeError` for a missing binding, and for an unknown or invalid option.
 *
 * @example
 * ```ts
 * import { d1Store } from 'countersign/cloudflare'
 * import { verifyWebhook } from 'countersign/hono'
 * import { Hono } from 'hono'
 *
 * const app = new Hono<{ Bindings: { DB: D1Database; WEBHOOK_SECRET: string } }>()
 * const webhooks = verifyWebhook({
 *   secret: (c) => c.env.WEBHOOK_SECRET,
 *   idempotency: (c) => d1Store(c.env.DB),
 * })
 * app.post('/webhooks', webhooks, (c) => c.body(null, 204))
 * export default app
 * ```
 */
export function d1Store(binding: D1Binding, options: D1StoreOptions = {}): D1Store {
  assertCalled(binding, '(c) => d1Store(c.env.DB)')
  const settings = resolveOptions(options, OPTIONS)
  const { sweep = true, table } = settings
  assertBinding(binding, 'a D1 database', 'prepare', 'batch')
  if (!/^[a-z_]\w{0,99}$/i.test(table)) {
    throw new TypeError(
      `table must be a name of 1 to 100 letters, digits and _, not ${JSON.stringify(table)}`,
    )
  }
  const sql = statementsFor(table)

  async function run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await inTime(settings, 'D1', work)
    } catch (error) {
      if (!/no such table/.test(String(error))) throw error
      throw new Error(
        `the table ${table} does not exist: call migrate() once, or apply the SQL of schema as a migration`,
        { cause: error },
      )
    }
  }

  // The statements come from this binding.
  const batch = (...statements: D1Statement[]): Promise<readonly D1Rows[]> =>
    run(() => binding.batch(statements as never[]))

  return {
    schema: `${sql.schema.join(';\n')};\n`,
    migrate: async () => void (await batch(...sql.schema.map((text) => binding.prepare(text)))),

    async sweep(options = {}) {
      const { limit } = resolveOptions(options, SWEEP_OPTIONS)
      return (await run(() => binding.prepare(sql.sweep).bind(Math.ceil(limit)).all())).results
        .length
    },

    async claim(key, { token, lease, digest = '' }) {
      const statement = binding.prepare(sql.claim).bind(key, token, toMilliseconds(lease), digest)
      const [row] = (await run(() => statement.all())).results
      // The row that `RETURNING` of this statement describes.
      return toClaimResult(row as ClaimRow, token)
    },

    async commit(key, { token, ttl, digest = '' }) {
      const statement = binding.prepare(sql.commit).bind(key, token, toMilliseconds(ttl), digest)
      const sweeping = binding.prepare(sql.sweep).bind(SWEPT_PER_COMMIT)
      const [committed] = await batch(...(sweep ? [statement, sweeping] : [statement]))
      return committed?.results.length === 1
    },

    release: (key, { token }) => run(() => binding.prepare(sql.release).bind(key, token).all()),
  }
}
