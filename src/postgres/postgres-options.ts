import { positive } from '../base/options.js'
import { type Timers, withTimers } from '../base/timers.js'

/** Options of both Postgres helpers. */
export interface PostgresOptions {
  /** Longest time for one operation, in seconds. More than 0. Default 1. */
  timeout?: number | undefined
  /** Default: the platform's timers. */
  setTimeout?: Timers['setTimeout'] | undefined
  clearTimeout?: Timers['clearTimeout'] | undefined
}

/** {@link PostgresOptions} with their defaults. */
export interface PostgresSettings extends Timers {
  readonly table: string
  /** Seconds. */
  readonly timeout: number
}

export const POSTGRES_OPTIONS = withTimers({ timeout: positive(1) })

/** Seconds as a parameter. Limited, because Postgres has no dates beyond some 300,000 years. */
export function secondsText(seconds: number): string {
  return String(Math.min(seconds, 1e10))
}
