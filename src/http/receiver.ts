import { type Awaitable, andThen, withErrors } from '../base/awaitable.js'
import { viewBytes } from '../base/bytes.js'
import { isWebhookError } from '../base/errors.js'
import type { Option } from '../base/options.js'
import { bodyBytes, bodyTooLarge } from '../delivery/body.js'
import type { Report } from '../delivery/report.js'
import type { SecretContext, Webhook } from '../delivery/types.js'
import { createClaimFor } from '../idempotency/claim-for.js'
import type { Settle } from '../idempotency/lease.js'
import { createAuthenticator } from '../verify/authenticator.js'
import { type ArrivedDelivery, createReporting } from '../verify/reporting.js'
import { type Answer, answer, toAnswer } from './answer.js'
import { assertNotCompressed } from './content-encoding.js'
import { type Endpoint, scopeOf } from './endpoint.js'
import type { IncomingDelivery } from './incoming-delivery.js'
import { createPathWatch } from './path-watch.js'
import { type ReceiverOptions, resolveReceiverOptions } from './receiver-options.js'
import { doubtAbout } from './text-body.js'

/** The delivery is accepted: run the handler. */
export interface AcceptedDelivery<T> {
  readonly webhook: Webhook<T>
  /** Set with `idempotency`. Call it with the status of the handler's answer, or without a status if the handler threw or the sender hung up. */
  readonly settle?: Settle | undefined
}

/** Verifies a request and resolves to the outcome. Rejects only with errors that are not a `WebhookError`; these are for the framework's error handling. */
export type Receiver<T, Context = SecretContext> = (
  delivery: IncomingDelivery<Context>,
) => Promise<AcceptedDelivery<T> | Answer>

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
  const settings = resolveReceiverOptions(options, adapterOptions)
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

  function accept(
    webhook: Webhook<T>,
    { context, endpoint, previous }: IncomingDelivery<Context>,
    report: Report,
  ): Awaitable<AcceptedDelivery<T> | Answer> {
    if (!claim) return { webhook }
    const claiming = claim(report, {
      context,
      body: webhook.body,
      previous: Object(previous).claim,
      endpoint: () => scopeIn(endpoint?.() ?? '', webhook.keyId),
    })
    return andThen(claiming, (claimed) => {
      if (claimed) return { webhook: { ...webhook, claim: claimed.claim }, settle: claimed.settle }
      report.outcome = 'duplicate'
      return answer(200)
    })
  }

  function work(
    attempt: ArrivedDelivery,
    report: Report,
    delivery: IncomingDelivery<Context>,
  ): Awaitable<AcceptedDelivery<T> | Answer> {
    const examined = examine(attempt.headers, report)
    assertNotCompressed(attempt.headers)
    const arriving =
      previousBody(delivery.previous, maxBodyBytes) ?? delivery.readBody(maxBodyBytes)
    return andThen(arriving, (arrived) => {
      const body = bodyBytes(arrived)
      attempt.body = body
      const webhook = withErrors(
        () => authenticate(examined, body, delivery.context, report),
        (error) => ruledOut(error, body),
      )
      return andThen(webhook, (webhook) => accept(webhook, delivery, report))
    })
  }

  return reporting(work, toAnswer)
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
  return (isMismatch && doubtAbout(body)) || error
}
