import type { Awaitable } from '../base/awaitable.js'
import type { WebhookError, WebhookErrorCode } from '../base/errors.js'
import type { HeadersInput, WebhookBody } from '../base/input.js'

export type { HeadersInput, RefusedDelivery, WebhookBody } from '../base/input.js'

/** A signing secret as text (`wh_…`, `whsec_…`, `whpk_…` or bare base64), as key bytes, or with its encoding spelled out. */
export type Secret = string | Uint8Array | EncodedSecret

/** For senders whose key is not base64: `utf8` uses the characters themselves, prefix included. */
export interface EncodedSecret {
  readonly value: string
  readonly encoding: 'utf8' | 'hex' | 'base64'
}

/** Signature versions of Standard Webhooks: `v1` is HMAC-SHA256, `v1a` is ed25519. */
export type Scheme = 'v1' | 'v1a'

/** A key that is ready to verify, made from a {@link Secret}. */
export interface VerificationKey {
  /** A short fingerprint of the key, safe to log. */
  readonly keyId: string
  readonly scheme: Scheme
  /** Is one of the candidate signatures right for `prefix` followed by `body`? */
  matches(candidates: readonly string[], prefix: string, body: Uint8Array): Awaitable<boolean>
}

/** What a source knows. */
export interface KeySet {
  /** Keys that may verify now, newest first. */
  readonly keys: readonly (VerificationKey | Secret)[]
  /** From `reread`: are these all the keys that can have been valid when the delivery was signed? Only then is a mismatch final. */
  readonly current?: boolean
  /** Seconds after which asking again can bring something new. */
  readonly retryAfter?: number
}

/** What the verifier hands to a secret function and to a {@link SecretSource}. */
export interface SecretContext<Request = unknown> {
  /** The framework's own request object. */
  readonly request?: Request
  /** Bindings of an edge runtime (Hono's `c.env`, a Worker's `env`). */
  // biome-ignore lint/suspicious/noExplicitAny: bindings are typed by the application, not by us
  readonly env?: any
  /** Keeps an edge request alive for work that goes on behind the answer. */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined
}

/** Where keys come from when they can change. See `rotatingSecret`. */
export interface SecretSource {
  /** Keys that may verify now. Throws `secret_unavailable` when there is none. */
  read(context: SecretContext): Awaitable<KeySet>
  /** Nothing matched a delivery whose `webhook-timestamp` is `signedAt` (seconds since the epoch): look again. */
  reread(signedAt: number, context: SecretContext): Awaitable<KeySet>
  /** For a source that has to know when a delivery arrived: called first, and what it returns is asked for this delivery alone. */
  arrive?(): Pick<SecretSource, 'read' | 'reread'>
}

type OneOrMore<T> = T | readonly T[]
/** What `secret` accepts, except the function form. */
export type SecretInput = OneOrMore<Secret> | SecretSource

/** Looks a secret up for one delivery. `undefined` means there is none: `secret_unavailable`. Throw a `WebhookError` to choose another verdict. */
export type SecretFunction<Context = SecretContext> = (
  context: Context,
) => Awaitable<SecretInput | undefined | null>

/** The part of Standard Schema that is used; zod, valibot, arktype and others provide it. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => Awaitable<SchemaResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] }

/** Names of the three headers, in the order id, timestamp, signature. */
export type HeaderNames = readonly [id: string, timestamp: string, signature: string]

/** Options of `createVerifier`. */
export interface VerifierOptions<T = unknown, Context = SecretContext> {
  /** The signing secret or secrets, a source that rotates them, or a function that looks them up for each delivery. */
  secret: SecretInput | SecretFunction<Context>
  /** How far `webhook-timestamp` may lie from now, in seconds either way. Default 300. */
  tolerance?: number | undefined
  /** Which headers to read. Default: `webhook-*`, and `svix-*` where none of the three is there. */
  headers?: 'webhook' | 'svix' | HeaderNames | undefined
  /** Any Standard Schema validator; its output types `payload`. */
  schema?: StandardSchema<T> | undefined
  /** `'json'` (default) parses the body after it is verified; `'none'` leaves `payload` undefined. */
  parse?: 'json' | 'none' | undefined
  /** The clock: milliseconds since the epoch or a `Date`. Default `Date.now`. */
  now?: (() => number | Date) | undefined
  /** Called once per delivery; never sees the secret, the signature or the body. */
  onVerdict?: ((event: VerdictEvent<Context>) => void) | undefined
  /**
   * If your own set-up refuses deliveries (the bytes are gone, no secret, a store that is down) and there is no `onVerdict`,
   * `console.warn` prints one line per cause and minute. A function gets the line instead; `false` turns it off. Default `true`.
   */
  warn?: boolean | ((text: string) => void) | undefined
  /** Fewest key bytes a secret may have. Default 24, the standard's own lower bound. Lower it only for a sender who really issues shorter secrets. */
  minSecretBytes?: number | undefined
}

/** A delivery that is authentic and fresh. */
export interface Webhook<T = unknown> {
  /** `webhook-id`: the same for every attempt, so it serves as idempotency key. */
  readonly id: string
  /** `webhook-timestamp`: when this attempt was signed. */
  readonly timestamp: Date
  /** The bytes that were verified. */
  readonly body: Uint8Array
  /** The parsed body; `undefined` for an empty one. */
  readonly payload: T
  /** Fingerprint of the key that verified it, safe to log. */
  readonly keyId: string
  readonly scheme: Scheme
  /** With `idempotency`: the claim that this attempt holds. */
  readonly claim?: WebhookClaim | undefined
}

/** One attempt's hold on a delivery: the key that the store knows the delivery by, and the token of the attempt. */
export interface WebhookClaim {
  readonly key: string
  readonly token: string
}

export type Verdict<T = unknown> =
  | { readonly ok: true; readonly webhook: Webhook<T> }
  | { readonly ok: false; readonly error: WebhookError }

/** What `onVerdict` is called with. Durations and ages are in seconds, rounded to milliseconds. */
export interface VerdictEvent<Context = SecretContext> {
  readonly outcome: 'accepted' | 'duplicate' | 'refused'
  readonly code?: WebhookErrorCode | undefined
  /** Why it was refused, or that a duplicate has another body, in words that are not for the sender. */
  readonly detail?: string | undefined
  /** The error underneath, if there is one; never for `payload_invalid`, since it may quote the body. */
  readonly cause?: unknown
  readonly id?: string | undefined
  /** Fingerprint of the key that verified it. */
  readonly keyId?: string | undefined
  /** For `signature_mismatch` and `signature_undecided`: fingerprints of the keys that were tried. Compare with `keyIdOf(secret)` on the sender's side. */
  readonly expectedKeyIds?: readonly string[] | undefined
  /** Seconds between `webhook-timestamp` and now; negative for a timestamp in the future. Before the signature is verified it is the sender's claim. */
  readonly age?: number | undefined
  /** Length of the body, if it was read. */
  readonly bytes?: number | undefined
  /** Seconds from the first look at the delivery to the verdict. */
  readonly duration: number
  /** What a secret function gets: the framework's own `request`, bindings. Not enumerable, so no logger prints it. */
  readonly context: Context
}

/** What `onSettled` is called with when a claim ends. */
export interface SettledEvent<Context = SecretContext> {
  /** `committed`: handled, and remembered. `released`: the next attempt is handled again. `lost`: the lease ran out before the handler had ended, or the store could not be reached. */
  readonly outcome: 'committed' | 'released' | 'lost'
  readonly id: string
  /** Seconds from the claim to its end, rounded to milliseconds. */
  readonly duration: number
  /** Status of the handler's answer, if it gave one. */
  readonly status?: number | undefined
  /** What a secret function gets. Not enumerable, so no logger prints it. */
  readonly context: Context
}

/** Verifies one delivery or throws a `WebhookError`. */
export interface Verifier<T = unknown, Context = SecretContext> {
  (body: WebhookBody, headers: HeadersInput, context?: Context): Promise<Webhook<T>>
  /** The same as a value; never throws for what a stranger sent. */
  check(body: WebhookBody, headers: HeadersInput, context?: Context): Promise<Verdict<T>>
}
