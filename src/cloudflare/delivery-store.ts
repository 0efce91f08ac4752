import type { ClaimResult } from '../idempotency/store.js'
import type { DurableObjectState, SqlValue } from './bindings.js'
import { type ClaimRow, statementsFor, toClaimResult } from './statements.js'

/** The request of a store to its object. Durations are in milliseconds. */
export interface Question {
  readonly operation: 'claim' | 'commit' | 'release'
  readonly key: string
  readonly token: string
  readonly duration: number
  readonly digest?: string | undefined
}

const TABLE = 'deliveries'
const SQL = statementsFor(TABLE)
const FIRST_EXPIRY = `SELECT MIN(until) AS until FROM ${TABLE}`

/** Expired rows are deleted about once an hour, at most this many at a time, so that no delivery waits for long. */
const PAUSE = 3_600_000
const BATCH = 5_000

/**
 * The Durable Object class that remembers deliveries, in its SQLite storage. Export it from your Worker, name it in the wrangler
 * configuration (under `new_sqlite_classes`), and hand its binding to {@link durableObjectStore}.
 *
 * An alarm deletes expired rows. Only Workers with a binding to the object can reach it.
 *
 * @example
 * ```ts
 * export { DeliveryStore } from 'countersign/cloudflare'
 * ```
 */
export class DeliveryStore {
  /** Cloudflare's types recognize a Durable Object by this member. It does not exist at run time. */
  declare readonly __DURABLE_OBJECT_BRAND: never

  readonly #storage: DurableObjectState['storage']
  /** `true` if an alarm is set. Read once while this object is in memory. */
  #isScheduled = false

  constructor(state: DurableObjectState, _env?: unknown) {
    this.#storage = state.storage
    for (const statement of SQL.schema) this.#query(statement)
  }

  /** Called by {@link durableObjectStore}. */
  async fetch(request: Request): Promise<Response> {
    // Only `durableObjectStore` sends requests, and it sends this form.
    const question = (await request.json()) as Question
    const answer = this.#answer(question)
    await this.#schedule()
    return Response.json(answer)
  }

  /** Called by the runtime. */
  async alarm(): Promise<void> {
    const swept = this.#query(SQL.sweep, BATCH)
    const [first] = this.#query(FIRST_EXPIRY)
    this.#isScheduled = typeof first?.until === 'number'
    if (typeof first?.until !== 'number') return
    const now = Date.now()
    await this.#storage.setAlarm(swept.length < BATCH ? Math.max(first.until, now + PAUSE) : now)
  }

  #answer({ operation, key, token, duration, digest = '' }: Question): ClaimResult | boolean {
    const rows =
      operation === 'release'
        ? this.#query(SQL.release, key, token)
        : this.#query(SQL[operation], key, token, duration, digest)
    if (operation !== 'claim') return rows.length > 0
    // The row that `RETURNING` of this statement describes.
    return toClaimResult(rows[0] as unknown as ClaimRow, token)
  }

  #query(statement: string, ...values: SqlValue[]): readonly Record<string, unknown>[] {
    return [...this.#storage.sql.exec(statement, ...values)]
  }

  async #schedule(): Promise<void> {
    if (this.#isScheduled) return
    this.#isScheduled = true
    if ((await this.#storage.getAlarm()) === null) await this.#storage.setAlarm(Date.now() + PAUSE)
  }
}
