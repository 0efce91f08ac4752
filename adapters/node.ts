import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Awaitable } from '../src/base/awaitable.js'
import type { SecretContext, Webhook } from '../src/delivery/types.js'
import {
  type AcceptedDelivery,
  assertHandler,
  callback,
  createNodeReject,
  createReceiver,
  createVerifyOnlyReceiver,
  type IncomingDelivery,
  isObserver,
  keepWebhook,
  keptWebhook,
  own,
  type ReceiverOptions,
  type RejectOptions,
  readNodeBody,
  settleWhenSent,
  type VerifyOnlyOptions,
  webhookOf,
  withoutHost,
} from '../src/http/index.js'

type Request = IncomingMessage | Http2ServerRequest
type Response = ServerResponse | Http2ServerResponse

/** The argument of `secret` functions: `request` is Node's own request. */
export interface NodeContext extends SecretContext<Request> {
  readonly request: Request
}

/** Options of {@link verifyWebhook}. It takes neither `onReject`, because it does not answer, nor `idempotency`, because it does not see the answer. */
export type NodeVerifyOptions<T = unknown> = VerifyOnlyOptions<T, NodeContext>

/** Options of {@link webhookHandler}. `onReject` and `onError` get the error and Node's own request and response. */
export interface NodeOptions<T = unknown>
  extends ReceiverOptions<T, NodeContext>,
    RejectOptions<[request: Request, response: Response]> {
  /** Called with an error that the handler threw, and with any other error that is not a `WebhookError`. If it does not answer, the answer is 500. If it throws, that error is printed. Default: prints the error. */
  onError?: ((error: unknown, request: Request, response: Response) => unknown) | undefined
}

const OPTIONS = {
  onError: callback<NodeOptions['onError']>(),
}

/** Runs only for authentic deliveries. It must send the answer. */
export type NodeHandler<Req, Res, T = unknown> = (
  request: Req,
  response: Res,
  webhook: Webhook<T>,
) => Awaitable<unknown>

/**
 * Verifies requests of `node:http`, `node:https` and the compatibility API of `node:http2`.
 * The returned function resolves to the webhook or rejects with a `WebhookError`. It sends nothing.
 *
 * Throws a `TypeError` for an unknown or invalid option.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { isWebhookError } from 'countersign'
 * import { accountSecret } from 'countersign/account'
 * import { STATUS } from 'countersign/http'
 * import { verifyWebhook } from 'countersign/node'
 *
 * const verify = verifyWebhook({ secret: accountSecret({ token: process.env.ACCOUNT_TOKEN ?? '' }) })
 * createServer((req, res) => {
 *   verify(req).then(
 *     (webhook) => res.end(webhook.id),
 *     (error) => res.writeHead(isWebhookError(error) ? STATUS[error.code] : 500).end(),
 *   )
 * })
 * ```
 */
export function verifyWebhook<T = unknown>(
  options: NodeVerifyOptions<T>,
): (request: Request) => Promise<Webhook<T>> {
  const receive = createVerifyOnlyReceiver(options, 'verifyWebhook')

  return async function verifyWebhook(request) {
    return keepWebhook(request, webhookOf(await receive(toDelivery(request))))
  }
}

/**
 * Creates a request listener that runs `handler` for authentic deliveries and answers refused deliveries itself.
 * If `handler` throws, the answer is 500 and `onError` is called with the error, so one delivery cannot end the process.
 *
 * Throws a `TypeError` for an unknown or invalid option.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { accountSecret } from 'countersign/account'
 * import { webhookHandler } from 'countersign/node'
 *
 * const secret = accountSecret({ token: process.env.ACCOUNT_TOKEN ?? '' })
 * const receive = webhookHandler({ secret }, (_req, res, webhook) => {
 *   console.log(webhook.id, webhook.payload)
 *   res.writeHead(204).end()
 * })
 * createServer(receive).listen(3000)
 * ```
 */
export function webhookHandler<
  T = unknown,
  Req extends Request = IncomingMessage,
  Res extends Response = ServerResponse,
>(
  options: NodeOptions<T>,
  handler: NodeHandler<Req, Res, T>,
): (request: Req, response: Res) => Promise<void> {
  const receive = createReceiver<T, NodeContext>(options, OPTIONS)
  const reject = createNodeReject(options)
  const { onError: given = print } = own(options)
  // The `onError` of telemetry() is for the errors of a source.
  const onError = isObserver(given) ? print : given
  assertHandler(handler, '(req, res, webhook) => …')

  async function fail(error: unknown, request: Req, response: Res): Promise<void> {
    if (!response.headersSent) response.statusCode = 500
    await onError(error, request, response)
  }

  return async function handleWebhook(request, response) {
    let settle: AcceptedDelivery<T>['settle']
    try {
      const outcome = await receive(toDelivery(request))
      if (!('webhook' in outcome)) return await reject(outcome, request, response)
      keepWebhook(request, outcome.webhook)
      settle = outcome.settle
      if (settleWhenSent(response, settle)) await handler(request, response, outcome.webhook)
    } catch (error) {
      // Released whatever `onError` answers.
      if (!response.writableEnded) await settle?.()
      await fail(error, request, response).catch(print)
      if (!response.headersSent) response.writeHead(500).end()
      else if (!response.writableEnded) response.destroy()
    }
  }
}

function print(error: unknown): void {
  console.error('countersign: a webhook handler failed', error)
}

function toDelivery(request: Request): IncomingDelivery<NodeContext> {
  return {
    headers: request.headers,
    readBody: (maxBytes) => readNodeBody(request, maxBytes),
    context: { request },
    endpoint: () => withoutHost(originalUrl(request)),
    previous: keptWebhook(request),
  }
}

/** Connect removes the mount path from `url` and keeps the whole path in `originalUrl`. */
function originalUrl({ url = '', originalUrl = url }: Request & { originalUrl?: string }): string {
  return originalUrl
}
