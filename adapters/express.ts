import type { IncomingMessage } from 'node:http'
import type { NextFunction, Request, Response } from 'express'
import type { SecretContext, Webhook } from '../src/delivery/types.js'
import {
  asError,
  createReceiver,
  type Endpoint,
  own,
  type ReceiverOptions,
  type RejectOptions,
  readNodeBody,
  replayNodeBody,
  sendAnswer,
  settleWhenSent,
} from '../src/http/index.js'

// In every layout of node_modules.
declare global {
  namespace Express {
    interface Request {
      /** The verified delivery, behind `verifyWebhook`. */
      webhook: Webhook
    }
  }
}

// With the payload's type, where these declarations are within reach: under pnpm the application has to depend on them itself.
declare module 'express-serve-static-core' {
  // Declarations merge only with Express's own type parameters, its `any` included.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  interface Request<P, ResBody, ReqBody, ReqQuery, LocalsObj extends Record<string, any>> {
    /** The verified delivery, behind `verifyWebhook`. */
    webhook: LocalsObj extends { webhook?: Webhook<infer T> } ? Webhook<T> : Webhook
  }
}

/** What `verifyWebhook` leaves in `res.locals` too; it carries the payload's type from one handler to the next. */
export type WebhookLocals<T> = { webhook?: Webhook<T> }

/** Fits wherever Express takes a `RequestHandler`, and leaves the types of params, query and bodies to the route. */
export type WebhookMiddleware<T> = (
  request: IncomingMessage,
  // biome-ignore lint/suspicious/noExplicitAny: Express's own default for a body it does not know
  response: Response<any, WebhookLocals<T>>,
  next: NextFunction,
) => void

/** What `secret` functions get: Express's own request. */
export interface ExpressContext extends SecretContext<Request> {
  readonly request: Request
}

/** Options of {@link verifyWebhook}; `secret` functions and `onReject` get Express's own request and response. */
export type ExpressOptions<T = unknown> = ReceiverOptions<T, ExpressContext> &
  RejectOptions<[request: Request, response: Response]>

/**
 * Express middleware (4 and 5): the next handler runs only for an authentic delivery and finds it in `req.webhook`.
 * Reads the bytes itself, or takes the `Buffer` that `express.raw()` or a `rawBody`-keeping parser left.
 *
 * Throws a `TypeError` for an option that is unknown or wrong. Errors that are no verdict reach Express's error handling.
 *
 * @example
 * ```ts
 * import express from 'express'
 * import { accountSecret } from 'countersign/account'
 * import { verifyWebhook } from 'countersign/express'
 *
 * const secret = accountSecret({ token: process.env.ACCOUNT_TOKEN ?? '' })
 * express().post('/webhooks', verifyWebhook({ secret }), (req, res) => {
 *   console.log(req.webhook.id, req.webhook.payload)
 *   res.sendStatus(204)
 * })
 * ```
 */
export function verifyWebhook<T = unknown>(options: ExpressOptions<T>): WebhookMiddleware<T> {
  const receive = createReceiver(options)
  const { onReject } = own(options)

  async function handle(request: Request, response: Response): Promise<boolean> {
    const outcome = await receive({
      headers: request.headers,
      readBody: (maxBytes) => readNodeBody(request, maxBytes),
      context: { request },
      endpoint: () => endpointOf(request),
      previous: request.webhook,
    })
    if ('webhook' in outcome) {
      request.webhook = outcome.webhook
      // Elsewhere than in Express there is nothing yet.
      response.locals ??= {}
      response.locals.webhook = outcome.webhook
      // What most handlers read; a parser's own result stays.
      request.body ??= outcome.webhook.payload
      // Body-parser's own mark of a body that has been read: a parser behind us then leaves the spent stream alone.
      ;(request as { _body?: boolean })._body = true
      if (!isExpress(response)) replayNodeBody(request, outcome.webhook.body)
      return settleWhenSent(response, outcome.settle)
    }
    // An answer of the application's that says no status has this one.
    response.statusCode = outcome.status
    if (outcome.error) await onReject?.(outcome.error, request, response)
    if (!response.headersSent) sendAnswer(response, outcome)
    return false
  }

  async function run(request: Request, response: Response, next: NextFunction): Promise<void> {
    try {
      if (await handle(request, response)) next()
    } catch (thrown) {
      response.statusCode = 500
      // To Express `next(undefined)` means "go on" and a word may mean "skip": neither may come of something that was thrown.
      next(asError(thrown))
    }
  }

  return function verifyWebhook(request, response, next) {
    run(request as Request, response, next).catch((thrown: unknown) => {
      // Only a `next` that throws gets here, which Express's own never does. One request must not end the process.
      console.error('countersign: what follows verifyWebhook failed', thrown)
      if (!response.headersSent) response.writeHead(500).end()
    })
  }
}

/** Connect, polka and NestJS on Fastify call the same middleware with Node's own response. */
function isExpress(response: Partial<Response>): boolean {
  return typeof response.status === 'function'
}

/** Behind `app.use` the routes are still to come. */
function endpointOf({ baseUrl, route, params, url, originalUrl = url }: Request): Endpoint {
  return { url: originalUrl, pattern: route?.path, params, base: baseUrl }
}

/**
 * Keeps the bytes that a body parser reads, for `verifyWebhook` behind it: the `verify` option of `express.json()`, `.text()`
 * and `.urlencoded()`, in Express 4 and 5, and of the package `body-parser`.
 *
 * @example
 * ```ts
 * import express from 'express'
 * import { keepRawBody, verifyWebhook } from 'countersign/express'
 *
 * const app = express()
 * app.use(express.json({ verify: keepRawBody }))
 * app.post('/webhooks', verifyWebhook({ secret: process.env.WEBHOOK_SECRET ?? '' }), (req, res) => {
 *   console.log(req.webhook.payload)
 *   res.sendStatus(204)
 * })
 * ```
 */
export function keepRawBody(request: IncomingMessage, _response: unknown, bytes: Uint8Array): void {
  Object.assign(request, { rawBody: bytes })
}
