import type { Awaitable } from '../base/awaitable.js'
import { viewBytes } from '../base/bytes.js'
import { isWebhookError, type WebhookError, type WebhookErrorCode } from '../base/errors.js'
import { amount, anything, callback, type Option, own, resolveOptions } from '../base/options.js'
import { bodyBytes, bodyTooLarge } from '../delivery/body.js'
import { createReporting } from '../delivery/report.js'
import type {
  HeadersInput,
  SecretContext,
  SettledEvent,
  VerifierOptions,
  Webhook,
  WebhookBody,
} from '../delivery/types.js'
import { createClaimFor } from '../idempotency/claim-for.js'
import type { Settle } from '../idempotency/lease.js'
import type { IdempotencyInput } from '../idempotency/store.js'
import { createAuthenticator, VERIFIER_OPTIONS, type VerifierSettings } from '../verify.js'
import { assertNotCompressed } from './content-encoding.js'
import { type Endpoint, scopeOf } from './endpoint.js'
import { createPathWatch } from './path-watch.js'
import { doubtAbout } from './text-body.js'

/** Options of every adapter. */
export interface ReceiverOptions<T = unknown, Context = SecretContext>
  extends VerifierOptions<T, Context> {
  /** Largest body that is accepted, in bytes. 0 or more. Default 1048576 (1 MiB). */
  maxBodyBytes?: number | undefined
  /** Runs the handler only once per delivery. Takes a store such as `memoryStore()` or `redisStore(client)`, an object with a store and options, or a function of the context that returns either (`({ env }) => …`). */
  idempotency?: IdempotencyInput<Context> | undefined
  /** Called when a claim ends, with `idempotency`. */
  onSettled?: ((event: SettledEvent<Context>) => void) | undefined
}

/** The `onReject` option of an adapter. */
export interface RejectOptions<Arguments extends readonly unknown[], Result = unknown> {
  /** Answers a refused delivery. Called with the error and the framework's own arguments. If it sends and returns nothing, the default answer is sent. */
  onReject?: ((error: WebhookError, ...args: Arguments) => Awaitable<Result>) | undefined
}

/** A request as an adapter passes it to a receiver. */
export interface IncomingDelivery<Context = SecretContext> {
  readonly headers: HeadersInput
  /** Reads at most `maxBytes` bytes. Throws `body_too_large` or `body_unavailable`. */
  readonly readBody: (maxBytes: number) => Awaitable<WebhookBody>
  readonly context: Context
  /** Returns the URL or path of the request, with the route's pattern and parameters if the framework knows them. Called only with `idempotency`. */
  readonly endpoint?: (() => string | Endpoint) | undefined
  /** The webhook of an earlier adapter on the same request. Its bytes are verified again, because the request can be read only once. */
  readonly previous?: unknown
}

/** The delivery is accepted: run the handler. */
export interface AcceptedDelivery<T> {
  readonly webhook: Webhook<T>
  /** Set with `idempotency`. Call it with the status of the handler's answer, or without a status if the handler threw or the sender hung up. */
  readonly settle?: Settle | undefined
}

/** The handler must not run: send this answer. `error` is undefined if the delivery has been handled before. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly error: WebhookError | undefined
}

/** Verifies a request and resolves to the outcome. Rejects only with errors that are not a `WebhookError`; these are for the framework's error handling. */
export type Receiver<T, Context = SecretContext> = (
  delivery: IncomingDelivery<Context>,
) => Promise<AcceptedDelivery<T> | Answer>

/** The HTTP status of every code. */
export const STATUS: Readonly<Record<WebhookErrorCode, number>> = {
  header_missing: 400,
  header_malformed: 400,
  timestamp_too_old: 401,
  timestamp_too_new: 401,
  signature_mismatch: 401,
  signature_undecided: 503,
  payload_invalid: 400,
  body_too_large: 413,
  body_encoding_unsupported: 415,
  body_unavailable: 500,
  secret_unavailable: 503,
  delivery_in_progress: 503,
  store_unavailable: 503,
  claim_lost: 503,
}

type ReceiverSettings<T, Context> = VerifierSettings<T, Context> & {
  readonly maxBodyBytes: number
  readonly idempotency: IdempotencyInput<Context> | undefined
  readonly onSettled: ((event: SettledEvent<Context>) => void) | undefined
}

/**
 * Creates the function that every adapter is built on. An adapter translates a request into an {@link IncomingDelivery}, and the outcome into a response.
 * `docs/adapters.md` shows how to write an adapter for another framework.
 *
 * `adapterOptions` lists the adapter's own options. They and `onReject` are checked here and called by the adapter.
 *
 * Throws a `TypeError` for an unknown or invalid option.
 *
 * @example
 * ```ts
 * import { accountSecret } from 'countersign/account'
 * import { createReceiver, readWebBody } from 'countersign/http'
 *
 * const receive = createReceiver({ secret: accountSecret({ token: process.env.ACCOUNT_TOKEN ?? '' }) })
 * export async function handle(request: Request): Promise<Response> {
 *   const outcome = await receive({
 *     headers: request.headers,
 *     readBody: (maxBytes) => readWebBody(request, maxBytes),
 *     context: { request },
 *   })
 *   if (!('webhook' in outcome)) return new Response(outcome.body, outcome)
 *   console.log(outcome.webhook.id, outcome.webhook.payload)
 *   await outcome.settle?.(204)
 *   return new Response(null, { status: 204 })
 * }
 * ```
 */
export function createReceiver<T, Context extends SecretContext>(
  options: ReceiverOptions<T, Context>,
  adapterOptions: Readonly<Record<string, Option<unknown>>> = {},
): Receiver<T, Context> {
  const resolved = resolveOptions(options, {
    ...VERIFIER_OPTIONS,
    maxBodyBytes: amount(1_048_576),
    idempotency: anything<unknown>(),
    onSettled: callback<unknown>(),
    // Called by the adapter, which knows how its framework answers.
    onReject: callback<unknown>(),
    ...adapterOptions,
  })
  // `secret`, `schema` and `idempotency` are taken over from the options unchanged.
  const settings = resolved as unknown as ReceiverSettings<T, Context>
  const { maxBodyBytes, idempotency } = settings
  const reporting = createReporting(settings)
  const { examine, authenticate } = createAuthenticator(settings)
  const claim = idempotency === undefined ? undefined : createClaimFor(idempotency, settings)
  const watchPaths = createPathWatch(settings.warn)

  /** Tenants with different keys must never hide each other's deliveries. */
  function scopeIn(endpoint: string | Endpoint, keyId: string): string {
    const scope = scopeOf(endpoint)
    if (!Object(endpoint).pattern) watchPaths(scope)
    return typeof settings.secret === 'function' ? `${scope} ${keyId}` : scope
  }

  return function receive({ headers, readBody, context, endpoint, previous }) {
    return reporting<AcceptedDelivery<T> | Answer>({
      headers,
      context,
      refused: toAnswer,
      async run(attempt, report) {
        const examined = examine(attempt.headers, report)
        assertNotCompressed(attempt.headers)
        const body = previousBody(previous, maxBodyBytes) ?? bodyBytes(await readBody(maxBodyBytes))
        attempt.body = body
        let webhook: Webhook<T>
        try {
          webhook = await authenticate(examined, body, context, report)
        } catch (error) {
          throw ruledOut(error, body)
        }
        if (!claim) return { webhook }
        const claimed = await claim(report, {
          context,
          body,
          previous: Object(previous).claim,
          endpoint: () => scopeIn(endpoint?.() ?? '', webhook.keyId),
        })
        if (claimed)
          return { webhook: { ...webhook, claim: claimed.claim }, settle: claimed.settle }
        report.outcome = 'duplicate'
        return answer(200)
      },
    })
  }
}

/** The bytes that an earlier `verifyWebhook` verified. A `webhook` property that the application set itself has none. */
function previousBody(previous: unknown, maxBytes: number): Uint8Array | undefined {
  const bytes = viewBytes(Object(previous).body)
  if (bytes && bytes.length > maxBytes) throw bodyTooLarge(maxBytes)
  return bytes
}

/** If the text may differ from the bytes that arrived, a mismatch does not prove a forgery. */
function ruledOut(error: unknown, body: Uint8Array): unknown {
  const isMismatch = isWebhookError(error) && error.code === 'signature_mismatch'
  return isMismatch ? (doubtAbout(body) ?? error) : error
}

/** RFC 9457 problem details. They hold the code and nothing that helps a forger; `detail` is set only for problems with the body. */
function toAnswer(error: WebhookError): Answer {
  const { code, message } = error
  const status = STATUS[code]
  const { retryAfter = status === 503 ? 5 : undefined } = error
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  }
  if (retryAfter !== undefined) headers['retry-after'] = String(Math.ceil(retryAfter))
  const detail = code.startsWith('body_') ? message : undefined
  const problem = { type: 'about:blank', title: code.replaceAll('_', ' '), status, code, detail }
  return answer(status, headers, JSON.stringify(problem), error)
}

/** Without a prototype, so that a polluted one cannot give it a `webhook`. */
function answer(status: number, headers = {}, body = '', error?: WebhookError): Answer {
  return own({ status, headers, body, error })
}
