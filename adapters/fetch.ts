import type { Awaitable } from '../src/base/awaitable.js'
import type { SecretContext, Webhook } from '../src/delivery/types.js'
import {
  assertHandler,
  createReceiver,
  createReject,
  type IncomingDelivery,
  keepWebhook,
  keptWebhook,
  type ReceiverOptions,
  type RejectOptions,
  readWebBody,
  receiverFor,
  settleAfter,
  type VerifyOnlyOptions,
  webhookOf,
} from '../src/http/index.js'

/** The request and, if the platform has them, its bindings and `waitUntil`. */
export interface FetchContext extends SecretContext<Request> {
  readonly request: Request
}

// biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is fine
type Reply = Response | undefined | void

/** Options of {@link webhookHandler}. `secret` functions get `{ request, env, waitUntil }`; `onReject` gets the error and the same context, and may return a `Response`. */
export type FetchOptions<T = unknown> = ReceiverOptions<T, FetchContext> &
  RejectOptions<[context: FetchContext], Reply>

/** Runs only for authentic deliveries. If it returns nothing, the answer is 204. */
export type WebhookHandler<T = unknown> = (
  webhook: Webhook<T>,
  context: FetchContext,
) => Awaitable<Reply>

/** Fits a Worker's `fetch`, a Next.js or Remix route, `Deno.serve` and `Bun.serve`. `env` is the platform's second argument. */
export type FetchHandler = (request: Request, env?: unknown, ctx?: unknown) => Promise<Response>

/**
 * Creates a fetch handler that runs `handler` for authentic deliveries and answers refused deliveries itself.
 *
 * Throws a `TypeError` for an unknown or invalid option. An error that `handler` throws goes to the platform.
 *
 * @example
 * ```ts
 * import { webhookHandler } from 'countersign/fetch'
 *
 * export default {
 *   fetch: webhookHandler({ secret: ({ env }) => env.WEBHOOK_SECRET }, async (webhook) => {
 *     console.log(webhook.id, webhook.payload)
 *   }),
 * }
 * ```
 */
export function webhookHandler<T = unknown>(
  options: FetchOptions<T>,
  handler: WebhookHandler<T>,
): FetchHandler {
  const receive = createReceiver(options)
  const reject = createReject(options)
  assertHandler(handler, 'async (webhook, { request }) => …')

  return async function handleWebhook(request, env, ctx) {
    const context = { request, env, waitUntil: waitUntilOf(ctx) }
    const outcome = await receive(toDelivery(context))
    if (!('webhook' in outcome))
      return (await reject(outcome, context)) ?? new Response(outcome.body, outcome)
    const { webhook, settle } = outcome
    keepWebhook(request, webhook)
    const run = async () => (await handler(webhook, context)) ?? noContent()
    return settleAfter(run, ({ status }) => status, settle, settle && request.signal)
  }
}

function noContent(): Response {
  return new Response(null, { status: 204 })
}

/** Options of {@link verifyRequest}. It does not take `idempotency`, because it does not see the answer and so cannot settle a claim. */
export type VerifyRequestOptions<T = unknown> = VerifyOnlyOptions<T, FetchContext>

/**
 * Resolves to the webhook or rejects with a `WebhookError`. It reads the request's body; `webhook.body` holds the bytes.
 * Create the options once, outside your function: the receiver is prepared once for each options object.
 *
 * Rejects with a `TypeError` for an unknown or invalid option.
 *
 * @example
 * ```ts
 * import { accountSecret } from 'countersign/account'
 * import { verifyRequest } from 'countersign/fetch'
 *
 * const options = { secret: accountSecret({ token: process.env.ACCOUNT_TOKEN ?? '' }) }
 * export async function POST(request: Request): Promise<Response> {
 *   const webhook = await verifyRequest(request, options)
 *   return Response.json({ received: webhook.id })
 * }
 * ```
 */
export async function verifyRequest<T = unknown>(
  request: Request,
  options: VerifyRequestOptions<T>,
  context: Omit<FetchContext, 'request'> = {},
): Promise<Webhook<T>> {
  const receive = receiverFor(options, 'verifyRequest')
  return keepWebhook(request, webhookOf(await receive(toDelivery({ ...context, request }))))
}

function toDelivery(context: FetchContext): IncomingDelivery<FetchContext> {
  const { request } = context
  if (!request?.headers) {
    throw new TypeError(
      'the first argument must be a Request: for an event that has one, pass on its request: ({ request }) => handle(request)',
    )
  }
  return {
    headers: request.headers,
    readBody: (maxBytes) => readWebBody(request, maxBytes),
    context,
    endpoint: () => request.url,
    previous: keptWebhook(request),
  }
}

/** A Worker's third argument has `waitUntil`; on other platforms it may be missing. */
function waitUntilOf(ctx: unknown): FetchContext['waitUntil'] {
  const { waitUntil } = (ctx ?? {}) as Partial<{ waitUntil: FetchContext['waitUntil'] }>
  return typeof waitUntil === 'function' ? (promise) => waitUntil.call(ctx, promise) : undefined
}
