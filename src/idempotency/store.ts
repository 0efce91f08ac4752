import type { Awaitable } from '../base/awaitable.js'
import type { Timers } from '../base/timers.js'

/** The result of a claim. `retryAfter` is the number of seconds until the other attempt's lease runs out at the latest. */
export type ClaimResult =
  | { readonly state: 'claimed' }
  | { readonly state: 'done'; readonly digest?: string | undefined }
  | {
      readonly state: 'in_progress'
      readonly retryAfter: number
      readonly digest?: string | undefined
    }

/**
 * Remembers deliveries by key. Each method is one atomic step. If a method rejects, or `claim` returns an unknown state, the store counts as failed.
 * `token` names one attempt to handle a delivery. Only the attempt that holds the claim may commit or release it.
 *
 * `digest` is a short fingerprint of the body. A store may keep it with the key and return it from `claim` if the key is taken or done.
 * Then `onVerdict` is called with a `detail` if two authentic deliveries with one id have different bodies. A store may also ignore it.
 */
export interface IdempotencyStore {
  /** Takes a free key for `lease` seconds. If `token` holds the key already, the lease starts again. */
  claim(
    key: string,
    claim: { readonly token: string; readonly lease: number; readonly digest?: string },
  ): Awaitable<ClaimResult>
  /** Marks the key as done for `ttl` seconds. Returns `false` if another token holds the key. If the lease ran out and no other token took the key, the commit still succeeds. */
  commit(
    key: string,
    claim: { readonly token: string; readonly ttl: number; readonly digest?: string },
  ): Awaitable<boolean>
  /** Frees the key if `token` holds it; otherwise does nothing. */
  release(key: string, claim: { readonly token: string }): Awaitable<unknown>
}

/** Options of `idempotency`. Every duration is in seconds. */
export interface IdempotencyOptions<Context> {
  store: IdempotencyStore
  /** Seconds for which a claim is held. The lease is renewed while the handler runs, so this is how long a claim outlives a process that crashed. Default 60. */
  lease?: number | undefined
  /** Seconds for which a handled delivery is remembered; at least until its timestamp is outside the tolerance. Default 432000 (5 days). */
  ttl?: number | undefined
  /** The scope within which a `webhook-id` is unique. Default: the route with its parameters, or the whole path if the route is not known. */
  scope?: string | ((context: Context) => string) | undefined
  /** What to do if the store fails. `'refuse'` answers 503, so that the sender tries again. `'process'` runs the handler, although it may have run before. Default `'refuse'`. */
  onStoreError?: 'refuse' | 'process' | undefined
  /** Called for every failure of the store, including failures after the answer, and for every claim that was lost to another attempt. */
  onError?: ((error: unknown) => void) | undefined
  /** Makes the token of an attempt. Default `crypto.randomUUID`. */
  token?: (() => string) | undefined
  /** Default: the platform's timers. */
  setTimeout?: Timers['setTimeout'] | undefined
  clearTimeout?: Timers['clearTimeout'] | undefined
}

/** What `idempotency` accepts. A function is called once for each bindings object (`env`), or for each delivery if there is none. A function without parameters is called once. */
export type IdempotencyInput<Context> =
  | IdempotencyStore
  | IdempotencyOptions<Context>
  | ((context: Context) => Awaitable<IdempotencyStore | IdempotencyOptions<Context>>)
