import type { Waiting } from '../base/within.js'

/** Anything with `query(text, params)`: a `Client` of `pg`, PGlite, and what is made like them. Resolves to rows, or to an object that has `rows`. */
export interface QueryClient {
  query(text: string, params: string[]): PromiseLike<unknown>
}

/** The part of a `Client` of `pg` that is used. */
export interface PgClient {
  query(text: string, params: string[]): Promise<unknown>
  query(config: { name: string; text: string; values: string[] }): Promise<unknown>
}

/** The part of a `Pool` of `pg` that is used. */
export interface PgPool {
  connect(): Promise<PgPoolClient>
}

/** A client that a pool has lent. */
export interface PgPoolClient extends PgClient {
  /** With `true`, the connection is closed instead of used again. */
  release(isBroken?: boolean): void
  on(event: 'error', listener: () => void): this
  off(event: 'error', listener: () => void): this
}

/** The part of `sql` of the `postgres` package that is used, as an instance or as a transaction. */
export interface PostgresJs {
  unsafe(text: string, params?: string[], options?: object): PostgresJsQuery
}

/** A statement of the `postgres` package. */
export interface PostgresJsQuery extends PromiseLike<unknown> {
  /** `null` until it is sent. */
  readonly state?: unknown
  cancel?(): unknown
}

/** What the store can be built on. */
export type PostgresDatabase = QueryClient | PostgresJs

/** Runs one statement until it has an answer or nobody waits for it any more. */
export type Execute = (text: string, params: string[], waiting: Waiting) => Promise<unknown>

export function isPool(value: unknown): value is PgPool {
  return hasQuery(value) && has(value, 'connect') && 'totalCount' in value
}

/** A `Client` of `pg` runs one statement at a time, so countersign keeps the others in a queue of its own. */
export function isPgClient(value: unknown): value is PgClient {
  return has(value, 'connect') && has(value, 'escapeIdentifier')
}

export function isPostgresJs(value: unknown): value is PostgresJs {
  return typeof value === 'function' && has(value, 'unsafe')
}

export function hasQuery(value: unknown): value is QueryClient {
  return has(value, 'query')
}

/** Does the value have a method of this name, be it inherited? */
export function has(value: unknown, method: string): boolean {
  return typeof Object(value)[method] === 'function'
}
