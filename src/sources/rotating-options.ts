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
import { type Timers, withTimers } from '../base/timers.js'
import { MIN_SECRET_BYTES } from '../delivery/secrets.js'
import type { SecretSource } from '../delivery/types.js'
import type { FetchSecrets } from './call-within.js'
import type { RefreshError, RefreshErrorReason } from './refresh-error.js'
import type { SecretSnapshot } from './snapshot.js'

/** Options of {@link rotatingSecret}. Every duration is in seconds and may be a fraction. */
export interface RotatingSecretOptions {
  /** Resolves to the secret or secrets that are valid now. Required. */
  fetch: FetchSecrets
  /** Seconds before a cached secret is refreshed in the background. 0 or more. Default 600. */
  maxAge?: number | undefined
  /** Seconds after which a cached secret must be refreshed before it is used. 0 or more. Default 86400 (1 day). */
  maxStale?: number | undefined
  /** Seconds for which an old key still verifies after a rotation is seen. 0 or more. Default 300. */
  overlap?: number | undefined
  /** Seconds for which `fetch` may still return the old secret after the sender has started to use the new one, for example because it reads a cache. 0 or more. Default 0. */
  lag?: number | undefined
  /** Longest time for one refresh, including retries, in seconds. More than 0. Default 5. */
  timeout?: number | undefined
  /** Starts the first read at creation. Default `true`; on Workers `false`. */
  warm?: boolean | undefined
  /** Smallest number of key bytes a secret may have. Default 24. */
  minSecretBytes?: number | undefined
  /** Keeps the last known secret across restarts. Default: none. */
  snapshot?: SecretSnapshot | undefined
  /** Called when the account's key has changed. The event holds key fingerprints only. */
  onRotate?: ((event: RotationEvent) => void) | undefined
  /** Called for every failed refresh and every failed `rotate()`. Keys that still verify stay in use. */
  onError?: ((error: RefreshError) => void) | undefined
  /** The clock: returns milliseconds since the epoch or a `Date`. Default `Date.now`. */
  now?: (() => number | Date) | undefined
  /** Returns a uniform random number from 0 (included) to 1 (excluded), for jitter. Default `Math.random`. */
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

/** The keys that a source knows, and when it reads again. Ages and waits are in seconds. Holds no secret. */
export interface RotatingSecretStatus {
  readonly keyIds: readonly string[]
  readonly previous: readonly { readonly keyId: string; readonly expiresIn: number }[]
  /** Seconds since the last successful read started; `undefined` before the first. */
  readonly age: number | undefined
  /** Seconds until a mismatch may cause another read; 0 means immediately. */
  readonly nextAttemptIn: number
  readonly refreshing: boolean
  /** Number of reads that succeeded so far, and number of failed reads for each reason. */
  readonly refreshes: RefreshCounts
}

export type RefreshCounts = Readonly<
  { succeeded: number } & Partial<Record<RefreshErrorReason, number>>
>

/** A {@link SecretSource} that follows the account through rotations. */
export interface RotatingSecret extends SecretSource {
  /** Reads the account now. Rejects with a {@link RefreshError}. */
  refresh(): Promise<void>
  /** Drops every old key immediately. Call it if an old key has leaked. */
  forgetPrevious(): void
  status(): RotatingSecretStatus
  /** Stops all work. The keys in memory verify until `maxStale` is over. */
  close(): void
}

export const ROTATING_OPTIONS = withTimers({
  fetch: callback<FetchSecrets>(),
  maxAge: amount(600),
  maxStale: amount(86_400),
  overlap: amount(300),
  lag: amount(0),
  timeout: positive(5),
  warm: flag(),
  minSecretBytes: amount(MIN_SECRET_BYTES),
  snapshot: anything<SecretSnapshot>(),
  onRotate: callback<(event: RotationEvent) => void>(),
  onError: callback<(error: RefreshError) => void>(),
  now: callback((): number | Date => Date.now()),
  random: callback(Math.random),
}) satisfies OptionTable<RotatingSecretOptions>

/** The options with their defaults; durations in milliseconds. */
export interface RotatingSettings extends Omit<Settings<typeof ROTATING_OPTIONS>, 'fetch' | 'now'> {
  readonly fetch: FetchSecrets
  readonly now: () => number
}

/** Throws a `TypeError` for an unknown or invalid option, and if `fetch` is missing. */
export function resolveRotatingOptions(options: RotatingSecretOptions): RotatingSettings {
  const settings = resolveOptions(options, ROTATING_OPTIONS)
  const { fetch } = settings
  if (fetch) return toRotatingSettings({ ...settings, fetch })
  throw new TypeError('fetch is missing: rotatingSecret({ fetch: async ({ signal }) => … })')
}

interface OptionValues extends Settings<typeof ROTATING_OPTIONS> {
  readonly fetch: FetchSecrets
}

/** Throws a `TypeError` if `snapshot` lacks a method. */
export function toRotatingSettings(settings: OptionValues): RotatingSettings {
  const { snapshot, now, maxAge, maxStale, overlap, lag, timeout } = settings
  if (snapshot && !(snapshot.load?.call && snapshot.save?.call))
    throw new TypeError(
      'snapshot must be an object with load() and save(), such as redisSnapshot(client)',
    )
  return {
    ...settings,
    now: () => +now(),
    maxAge: maxAge * 1000,
    maxStale: maxStale * 1000,
    overlap: overlap * 1000,
    lag: lag * 1000,
    timeout: timeout * 1000,
  }
}
