import { positive } from '../base/options.js'
import { type Timers, withTimers } from '../base/timers.js'

/** Options of both Redis helpers. */
export interface RedisOptions {
  /** Longest time for one operation, in seconds, even if the client is busy or offline. More than 0. Default 1. */
  timeout?: number | undefined
  /** Default: the platform's timers. */
  setTimeout?: Timers['setTimeout'] | undefined
  clearTimeout?: Timers['clearTimeout'] | undefined
}

/** {@link RedisOptions} with their defaults. */
export interface RedisSettings extends Timers {
  /** Seconds. */
  readonly timeout: number
}

export const REDIS_OPTIONS = withTimers({ timeout: positive(1) })
