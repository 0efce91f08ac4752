import { positive } from '../base/options.js'
import { TIMER_OPTIONS, type Timers } from '../base/timers.js'

/** Options of both Postgres helpers. */
export interface PostgresOptions {
  /** Longest time that one operation may take, in seconds. Default 1. */
  timeout?: number | undefined
  /** Default: the platform's timers. */
  setTimeout?: Timers['setTimeout'] | undefined
  clearTimeout?: Timers['clearTimeout'] | undefined
}

/** The same with defaults. */
export interface PostgresSettings extends Timers {
  readonly table: string
  /** Seconds. */
  readonly timeout: number
}

export const POSTGRES_OPTIONS = { timeout: positive(1), ...TIMER_OPTIONS }

/** Seconds as a parameter. Postgres knows no date that is further away than some 300,000 years. */
export function secondsText(seconds: number): string {
  return String(Math.min(seconds, 1e10))
}
