import { positive } from '../base/options.js'
import { TIMER_OPTIONS, type Timers } from '../base/timers.js'

/** What both Redis helpers take. */
export interface RedisOptions {
  /** Longest time one operation may take, in seconds, whatever the client is busy with. Default 1. */
  timeout?: number | undefined
  /** Default: the platform's timers. */
  setTimeout?: Timers['setTimeout'] | undefined
  clearTimeout?: Timers['clearTimeout'] | undefined
}

/** The same with defaults. */
export interface RedisSettings extends Timers {
  /** Seconds. */
  readonly timeout: number
}

export const REDIS_OPTIONS = { timeout: positive(1), ...TIMER_OPTIONS }
