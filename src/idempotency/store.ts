import type { Awaitable } from '../base/awaitable.js'
import type { Timers } from '../base/timers.js'

/** What a store says of a claim. `retryAfter` is in seconds: when the other holder's lease runs out at the latest. */
export type ClaimResult =
  | { readonly state: 'claimed' }
  | { readonly state: 'done'; readonly digest?: string | undefined }
  | {
      readonly state: 'in_progress'
      readonly retryAfter: number
      readonly digest?: string | undefined
    }

/**
 * Remembers deliveries by key. Each method is one atomic step; a rejection, or a claim that comes to no known state, means that the store is out of order.
 * `token` names one attempt at handling a delivery: only the one that holds the claim may commit or release it.
 *
 * `digest` is a short fingerprint of the body. A store may keep it with the key and return it from `claim` when the key is taken or done:
 * then `onVerdict` is called with a `detail` if two authentic deliveries of one id have different bodies. A store that does not may ignore it.
 */
export interface IdempotencyStore {
  /** Takes a free key for `lease` seconds. Where `token` holds it already, the lease begins anew. */
  claim(
    key: string,
    claim: { readonly token: string; readonly lease: number; readonly digest?: string },
  ): Awaitable<ClaimResult>
  /** Marks the key as done for `ttl` seconds, unless another token holds it: then `false`. A lease that ran out without a successor still commits. */
  commit(
    key: string,
    claim: { readonly token: string; readonly ttl: number; readonly digest?: string },
  ): Awaitable<boolean>
  /** Frees the key if `token` holds it, else does nothing. */
  release(key: string, claim: { readonly token: string }): Awaitable<unknown>
}

/** Options of `idempotency`; every duration in seconds. */
export interface IdempotencyOptions<Context> {
  store: IdempotencyStore
  /** How long a claim outlives the process that took it; renewed while the handler runs. Default 60. */
  lease?: number | undefined
  /** How long a handled delivery is remembered. Default 432000 (5 days); never less than until its timestamp leaves the tolerance. */
  ttl?: number | undefined
  /** What a `webhook-id` is unique within. Default: the route with its parameters, or the whole path where no one route is known. */
  scope?: string | ((context: Context) => string) | undefined
  /** When the store fails: answer 503 so that the sender tries again (`'refuse'`, default), or run the handler although it may have run before. */
  onStoreError?: 'refuse' | 'process' | undefined
  /** Told of every failure of the store, those after the answer included, and of every claim that was lost to another. */
  onError?: ((error: unknown) => void) | undefined
  /** Makes the token of an attempt. Default `crypto.randomUUID`. */
  token?: (() => string) | undefined
  /** Default: the platform's timers. */
  setTimeout?: Timers['setTimeout'] | undefined
  clearTimeout?: Timers['clearTimeout'] | undefined
}

/** What `idempotency` takes. A function is called once for each bindings object (`env`), or for each delivery if there is none; without parameters, once. */
export type IdempotencyInput<Context> =
  | IdempotencyStore
  | IdempotencyOptions<Context>
  | ((context: Context) => Awaitable<IdempotencyStore | IdempotencyOptions<Context>>)
