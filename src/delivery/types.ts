import type { Awaitable } from '../base/awaitable.js'
import type { WebhookError, WebhookErrorCode } from '../base/errors.js'
import type { HeadersInput, WebhookBody } from '../base/input.js'

export type { HeadersInput, RefusedDelivery, WebhookBody } from '../base/input.js'

/** A signing secret: text (`wh_…`, `whsec_…`, `whpk_…` or bare base64), key bytes, or a value with its encoding. */
export type Secret = string | Uint8Array | EncodedSecret

/** For senders whose key is not base64. `utf8` uses the characters themselves, including any prefix. */
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
  /** Checks whether one of the candidate signatures fits `prefix` followed by `body`. */
  matches(candidates: readonly string[], prefix: string, body: Uint8Array): Awaitable<boolean>
}

/** The keys that a source knows. */
export interface KeySet {
  /** Keys that may verify now, newest first. */
  readonly keys: readonly (VerificationKey | Secret)[]
  /** From `reread`: `true` if these are all keys that can have been valid when the delivery was signed. Only then is a mismatch final. */
  readonly current?: boolean
  /** Seconds after which another read can bring new keys. */
  readonly retryAfter?: number
  /** From `reread`: the error of a read that has just failed, if no observer of the source has been called with it. */
  readonly cause?: Error | undefined
}

/** What the verifier hands to a secret function and to a {@link SecretSource}. */
export interface SecretContext<Request = unknown> {
  /** The framework's own request object. */
  readonly request?: Request
  /** Bindings of an edge runtime (Hono's `c.env`, a Worker's `env`). */
  // biome-ignore lint/suspicious/noExplicitAny: bindings are typed by the application, not by us
  readonly env?: any
  /** Keeps an edge request alive while work continues after the answer. */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined
}

/** Supplies keys that can change. See `rotatingSecret`. */
export interface SecretSource {
  /** Returns the keys that may verify now. Throws `secret_unavailable` if there are none. */
  read(context: SecretContext): Awaitable<KeySet>
  /** Called if no key matched a delivery whose `webhook-timestamp` is `signedAt` (seconds since the epoch). Reads the keys again if that can help. */
  reread(signedAt: number, context: SecretContext): Awaitable<KeySet>
  /** For a source that needs to know when a delivery arrived. Called first; the object it returns is used for this delivery only. */
  arrive?(): Pick<SecretSource, 'read' | 'reread'>
}

type OneOrMore<T> = T | readonly T[]
/** What `secret` accepts, except the function form. */
export type SecretInput = OneOrMore<Secret> | SecretSource

/** Looks up the secret for one delivery. If it returns `undefined` or `null`, the delivery is refused with `secret_unavailable`. Throw a `WebhookError` to choose another code. */
export type SecretFunction<Context = SecretContext> = (
  context: Context,
) => Awaitable<SecretInput | undefined | null>

/** The part of Standard Schema that countersign uses. zod, valibot, arktype and others provide it. */
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
  /** Largest difference between `webhook-timestamp` and now, in seconds, in the past or the future. 0 or more. Default 300. */
  tolerance?: number | undefined
  /** Which headers to read. Default: `webhook-*`, or `svix-*` if none of the three `webhook-*` headers is present. */
  headers?: 'webhook' | 'svix' | HeaderNames | undefined
  /** Any Standard Schema validator. Its output becomes `payload` and gives it its type. */
  schema?: StandardSchema<T> | undefined
  /** `'json'` parses the body after it is verified; `'none'` leaves `payload` undefined. Default `'json'`. */
  parse?: 'json' | 'none' | undefined
  /** The clock: returns milliseconds since the epoch or a `Date`. Default `Date.now`. */
  now?: (() => number | Date) | undefined
  /** Called once per delivery. The event never holds the secret, the signature or the body. */
  onVerdict?: ((event: VerdictEvent<Context>) => void) | undefined
  /**
   * If your own setup causes refusals (the bytes are gone, the secret is missing, the store is down) and there is no `onVerdict`,
   * `console.warn` prints one line per cause and minute. A function is called with the line instead; `false` turns it off. Default `true`.
   */
  warn?: boolean | ((text: string) => void) | undefined
  /** Smallest number of key bytes a secret may have. Default 24, the minimum of the standard. Lower it only if your sender issues shorter secrets. */
  minSecretBytes?: number | undefined
}

/** A delivery that is authentic and fresh. */
export interface Webhook<T = unknown> {
  /** `webhook-id`: the same for every attempt, so it is the idempotency key. */
  readonly id: string
  /** `webhook-timestamp`: when this attempt was signed. */
  readonly timestamp: Date
  /** The bytes that were verified. */
  readonly body: Uint8Array
  /** The parsed body; `undefined` for an empty one. */
  readonly payload: T
  /** Fingerprint of the key that verified the delivery, safe to log. */
  readonly keyId: string
  readonly scheme: Scheme
  /** The claim that this attempt holds, with `idempotency`. */
  readonly claim?: WebhookClaim | undefined
}

/** The claim of one attempt: the key under which the store keeps the delivery, and the token of the attempt. */
export interface WebhookClaim {
  readonly key: string
  readonly token: string
}

export type Verdict<T = unknown> =
  | { readonly ok: true; readonly webhook: Webhook<T> }
  | { readonly ok: false; readonly error: WebhookError }

/** The argument of `onVerdict`. Durations and ages are in seconds, rounded to milliseconds. */
export interface VerdictEvent<Context = SecretContext> {
  readonly outcome: 'accepted' | 'duplicate' | 'refused'
  readonly code?: WebhookErrorCode | undefined
  /** Why the delivery was refused, or that a duplicate has another body. Do not show it to the sender. */
  readonly detail?: string | undefined
  /** The underlying error, if there is one. Never set for `payload_invalid`, because that error may quote the body. */
  readonly cause?: unknown
  readonly id?: string | undefined
  /** Fingerprint of the key that verified the delivery. */
  readonly keyId?: string | undefined
  /** For `signature_mismatch` and `signature_undecided`: fingerprints of the keys that were tried. Compare them with `keyIdOf(secret)` on the sender's side. */
  readonly expectedKeyIds?: readonly string[] | undefined
  /** Seconds between `webhook-timestamp` and now; negative if the timestamp is in the future. Until the signature is verified, the sender can choose it freely. */
  readonly age?: number | undefined
  /** Length of the body in bytes, if it was read. */
  readonly bytes?: number | undefined
  /** Seconds from the start of verification to the verdict. */
  readonly duration: number
  /** The context that a secret function gets: the framework's own `request` and the bindings. Not enumerable, so no logger prints it. */
  readonly context: Context
}

/** The argument of `onSettled`, which is called when a claim ends. */
export interface SettledEvent<Context = SecretContext> {
  /** `committed`: the delivery was handled and is remembered. `released`: the next attempt runs the handler again. `lost`: the lease ran out before the handler ended, or the store could not be reached. */
  readonly outcome: 'committed' | 'released' | 'lost'
  readonly id: string
  /** Seconds from the claim to its end, rounded to milliseconds. */
  readonly duration: number
  /** Status of the handler's answer, if it gave one. */
  readonly status?: number | undefined
  /** The context that a secret function gets. Not enumerable, so no logger prints it. */
  readonly context: Context
}

/** Verifies one delivery or throws a `WebhookError`. */
export interface Verifier<T = unknown, Context = SecretContext> {
  (body: WebhookBody, headers: HeadersInput, context?: Context): Promise<Webhook<T>>
  /** Resolves to the verdict as a value. Does not throw a `WebhookError`. */
  check(body: WebhookBody, headers: HeadersInput, context?: Context): Promise<Verdict<T>>
}
