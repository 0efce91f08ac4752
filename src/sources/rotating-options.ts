import {
  amount,
  anything,
  callback,
  flag,
  type OptionTable,
  positive,
  resolveOptions,
  type Settings,
} from '../base/options.js'
import { TIMER_OPTIONS, type Timers } from '../base/timers.js'
import { MIN_SECRET_BYTES } from '../delivery/secrets.js'
import type { SecretSource } from '../delivery/types.js'
import type { FetchSecrets } from './call-within.js'
import type { RefreshError, RefreshErrorReason } from './refresh-error.js'
import type { SecretSnapshot } from './snapshot.js'

/** Options of {@link rotatingSecret}; every duration in seconds. */
export interface RotatingSecretOptions {
  /** Resolves to the secret or secrets that are valid now. */
  fetch: FetchSecrets
  /** Age from which a secret is refreshed behind the answer. Default 600. */
  maxAge?: number | undefined
  /** Age from which a secret is not used any more without asking first. Default 86400. */
  maxStale?: number | undefined
  /** How long an old key stays valid after a change is seen. Default 300. */
  overlap?: number | undefined
  /** How long the store that `fetch` reads may still show an old secret after the sender has started to use the new one. Default 0. */
  lag?: number | undefined
  /** Longest time one refresh takes, retries included. Default 5. */
  timeout?: number | undefined
  /** Start the first read at creation. Default `true`, on Workers `false`. */
  warm?: boolean | undefined
  /** Fewest key bytes a secret may have. Default 24. */
  minSecretBytes?: number | undefined
  /** Keeps the last known secret across restarts. */
  snapshot?: SecretSnapshot | undefined
  /** Told when the account's key has changed; key fingerprints only. */
  onRotate?: ((event: RotationEvent) => void) | undefined
  /** Told of every refresh (and every `rotate()`) that failed. What still works goes on working. */
  onError?: ((error: RefreshError) => void) | undefined
  /** The clock: milliseconds since the epoch or a `Date`. Default `Date.now`. */
  now?: (() => number | Date) | undefined
  /** Uniform in [0, 1), for jitter. Default `Math.random`. */
  random?: (() => number) | undefined
  /** Default: the platform's timers. */
  setTimeout?: Timers['setTimeout'] | undefined
  clearTimeout?: Timers['clearTimeout'] | undefined
}

export interface RotationEvent {
  /** Fingerprints of the account's keys now. */
  readonly keyIds: readonly string[]
  /** Fingerprints of the old keys that still verify. */
  readonly previousKeyIds: readonly string[]
}

/** What a source knows and when it will ask again; ages and waits in seconds. Holds no secret. */
export interface RotatingSecretStatus {
  readonly keyIds: readonly string[]
  readonly previous: readonly { readonly keyId: string; readonly expiresIn: number }[]
  /** Since the last confirmed read was begun; `undefined` before the first. */
  readonly age: number | undefined
  /** Until a mismatch may cause another read; 0 means at once. */
  readonly nextAttemptIn: number
  readonly refreshing: boolean
  /** Reads of the account so far: how many succeeded, and how many failed for which reason. */
  readonly refreshes: RefreshCounts
}

export type RefreshCounts = Readonly<
  { succeeded: number } & Partial<Record<RefreshErrorReason, number>>
>

/** A {@link SecretSource} that follows the account through rotations. */
export interface RotatingSecret extends SecretSource {
  /** Reads the account now. Rejects with a {@link RefreshError}. */
  refresh(): Promise<void>
  /** Drops every old key at once, for a key that has leaked. */
  forgetPrevious(): void
  status(): RotatingSecretStatus
  /** Stops all work. What is in memory goes on verifying until `maxStale`. */
  close(): void
}

export const ROTATING_OPTIONS = {
  fetch: callback<FetchSecrets>(),
  maxAge: amount(600),
  maxStale: amount(86_400),
  overlap: amount(300),
  lag: amount(0),
  timeout: positive(5),
  warm: flag(),
  minSecretBytes: amount(MIN_SECRET_BYTES),
  snapshot: anything<SecretSnapshot | undefined>(undefined),
  onRotate: callback<(event: RotationEvent) => void>(),
  onError: callback<(error: RefreshError) => void>(),
  now: callback((): number | Date => Date.now()),
  random: callback(Math.random),
  ...TIMER_OPTIONS,
} satisfies OptionTable<RotatingSecretOptions>

/** The options with their defaults; durations in milliseconds. */
export interface RotatingSettings extends Omit<Settings<typeof ROTATING_OPTIONS>, 'fetch' | 'now'> {
  readonly fetch: FetchSecrets
  readonly now: () => number
}

/** Throws a `TypeError` for an option that is unknown or wrong. */
export function resolveRotatingOptions(options: RotatingSecretOptions): RotatingSettings {
  return toRotatingSettings(resolveOptions(options, ROTATING_OPTIONS))
}

/** Throws a `TypeError` for options that are not enough. */
export function toRotatingSettings(settings: Settings<typeof ROTATING_OPTIONS>): RotatingSettings {
  const { fetch, snapshot, now, maxAge, maxStale, overlap, lag, timeout } = settings
  if (!fetch) throw new TypeError('fetch must be a function, and is missing')
  if (snapshot && !(typeof snapshot.load === 'function' && typeof snapshot.save === 'function'))
    throw new TypeError('snapshot must have load() and save()')
  return {
    ...settings,
    fetch,
    now: () => +now(),
    maxAge: maxAge * 1000,
    maxStale: maxStale * 1000,
    overlap: overlap * 1000,
    lag: lag * 1000,
    timeout: timeout * 1000,
  }
}
