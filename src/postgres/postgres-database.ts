import type { Waiting } from '../base/within.js'

/** Anything with `query(text, params)`, such as a `Client` of `pg` or PGlite. It resolves to rows, or to an object with `rows`. */
export interface QueryClient {
  query(text: string, params: string[]): PromiseLike<unknown>
}

/** The part of a `Client` of `pg` that countersign uses. */
export interface PgClient {
  query(text: string, params: string[]): Promise<unknown>
  query(config: { name: string; text: string; values: string[] }): Promise<unknown>
}

/** The part of a `Pool` of `pg` that countersign uses. */
export interface PgPool {
  connect(): Promise<PgPoolClient>
}

/** A client that a pool has lent. */
export interface PgPoolClient extends PgClient {
  /** `true` closes the connection instead of using it again. */
  release(isBroken?: boolean): void
  on(event: 'error', listener: () => void): this
  off(event: 'error', listener: () => void): this
}

/** The part of `sql` of the `postgres` package that countersign uses, as an instance or a transaction. */
export interface PostgresJs {
  unsafe(text: string, params?: string[], options?: object): PromiseLike<unknown>
}

/** Every kind of client that the store accepts. */
export type PostgresDatabase = QueryClient | PostgresJs

/** Runs one statement until it is answered or the caller gives up. */
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

/** Checks for a method of this name, own or inherited. */
export function has(value: unknown, method: string): boolean {
  return typeof Object(value)[method] === 'function'
}
