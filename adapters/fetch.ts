import type { Awaitable } from '../src/base/awaitable.js'
import type { SecretContext, Webhook } from '../src/delivery/types.js'
import {
  createReceiver,
  type IncomingDelivery,
  own,
  type Receiver,
  type ReceiverOptions,
  type RejectOptions,
  readWebBody,
  settleAfter,
} from '../src/http/index.js'

/** The request, and where the platform has them its bindings and `waitUntil`. */
export interface FetchContext extends SecretContext<Request> {
  readonly request: Request
}

// biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is fine
type Reply = Response | undefined | void

/** Options of {@link webhookHandler}. `secret` functions get `{ request, env, waitUntil }`; `onReject` may return the `Response`. */
export type FetchOptions<T = unknown> = ReceiverOptions<T, FetchContext> &
  RejectOptions<[context: FetchContext], Reply>

/** Runs for authentic deliveries only. Returning nothing answers 204. */
export type WebhookHandler<T = unknown> = (
  webhook: Webhook<T>,
  context: FetchContext,
) => Awaitable<Reply>

/** Fits a Worker's `fetch`, a Next.js or Remix route, `Deno.serve` and `Bun.serve`. `env` is whatever the platform hands in second. */
export type FetchHandler = (request: Request, env?: unknown, ctx?: unknown) => Promise<Response>

/**
 * A fetch handler that answers refused deliveries itself.
 *
 * Throws a `TypeError` for an option that is unknown or wrong. What `handler` throws is left to the platform.
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
  const { onReject } = own(options)
  if (typeof handler !== 'function')
    throw new TypeError(
      'handler must be a function: webhookHandler(options, async (webhook, { request }) => …)',
    )

  return async function handleWebhook(request, env, ctx) {
    const context = { request, env, waitUntil: waitUntilOf(ctx) }
    const outcome = await receive(toDelivery(context))
    if ('webhook' in outcome) {
      const { webhook, settle } = outcome
      verified.set(request, webhook)
      const run = async () => (await handler(webhook, context)) ?? noContent()
      return settleAfter(run, ({ status }) => status, settle, settle && request.signal)
    }
    const { error, body, status, headers } = outcome
    const answer = error && (await onReject?.(error, context))
    return answer ?? new Response(body, { status, headers })
  }
}

function noContent(): Response {
  return new Response(null, { status: 204 })
}

/** Requests that were verified: their bytes cannot be read a second time. */
const verified = new WeakMap<Request, Webhook>()

const receivers = new WeakMap<object, Receiver<unknown, FetchContext>>()

/** Options of {@link verifyRequest}. Not `idempotency`: it does not see how the delivery was answered, so it could not settle a claim. */
export type VerifyRequestOptions<T = unknown> = Omit<
  ReceiverOptions<T, FetchContext>,
  'idempotency'
>

/**
 * Resolves to the webhook or throws a `WebhookError`. The request's body is read; `webhook.body` has its bytes.
 * Keep the options in one object outside the function: what is prepared from them is kept as long as they are.
 *
 * Throws a `TypeError` for an option that is unknown or wrong.
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
  const outcome = await receiverOf(options)(toDelivery({ ...context, request }))
  if ('webhook' in outcome) {
    verified.set(request, outcome.webhook)
    return outcome.webhook
  }
  throw outcome.error
}

function receiverOf<T>(options: VerifyRequestOptions<T>): Receiver<T, FetchContext> {
  // The map forgets T, and the same options always have the same.
  const known = receivers.get(options) as Receiver<T, FetchContext> | undefined
  if (known) return known
  const { idempotency, onReject }: Partial<FetchOptions<T>> = own(Object(options))
  if (idempotency ?? onReject) throw new TypeError('idempotency and onReject need webhookHandler')
  const receive = createReceiver(options)
  // The map forgets T.
  receivers.set(options, receive as Receiver<unknown, FetchContext>)
  return receive
}

function toDelivery(context: FetchContext): IncomingDelivery<FetchContext> {
  const { request } = context
  if (!request?.headers) {
    throw new TypeError('the request comes first: ({ request }) => handle(request) for an event')
  }
  return {
    headers: request.headers,
    readBody: (maxBytes) => readWebBody(request, maxBytes),
    context,
    endpoint: () => request.url,
    previous: verified.get(request),
  }
}

/** A Worker's third argument has it; what other platforms hand in there does not. */
function waitUntilOf(ctx: unknown): FetchContext['waitUntil'] {
  const { waitUntil } = (ctx ?? {}) as Partial<{ waitUntil: FetchContext['waitUntil'] }>
  return typeof waitUntil === 'function' ? (promise) => waitUntil.call(ctx, promise) : undefined
}
