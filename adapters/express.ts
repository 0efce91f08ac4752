import type { IncomingMessage } from 'node:http'
import type { NextFunction, Request, Response } from 'express'
import type { SecretContext, Webhook } from '../src/delivery/types.js'
import {
  asError,
  createNodeReject,
  createReceiver,
  type Endpoint,
  type ReceiverOptions,
  type RejectOptions,
  readNodeBody,
  replayNodeBody,
  settleWhenSent,
} from '../src/http/index.js'

// Reaches the application in every layout of node_modules.
declare global {
  namespace Express {
    interface Request {
      /** The verified delivery, after `verifyWebhook`. */
      webhook: Webhook
    }
  }
}

// Adds the payload's type if these declarations can be resolved. Under pnpm the application must depend on them itself.
declare module 'express-serve-static-core' {
  // Declarations merge only with Express's own type parameters, its `any` included.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  interface Request<P, ResBody, ReqBody, ReqQuery, LocalsObj extends Record<string, any>> {
    /** The verified delivery, after `verifyWebhook`. */
    webhook: LocalsObj extends { webhook?: Webhook<infer T> } ? Webhook<T> : Webhook
  }
}

/** What `verifyWebhook` sets in `res.locals`. It carries the payload's type to the next handler. */
export type WebhookLocals<T> = { webhook?: Webhook<T> }

/** Fits everywhere Express takes a `RequestHandler`. The route keeps its own types of params, query and bodies. */
export type WebhookMiddleware<T> = (
  request: IncomingMessage,
  // biome-ignore lint/suspicious/noExplicitAny: Express's own default for a body it does not know
  response: Response<any, WebhookLocals<T>>,
  next: NextFunction,
) => void

/** The argument of `secret` functions: `request` is Express's own request. */
export interface ExpressContext extends SecretContext<Request> {
  readonly request: Request
}

/** Options of {@link verifyWebhook}. `secret` functions get `{ request }`; `onReject` gets the error, the request and the response. */
export type ExpressOptions<T = unknown> = ReceiverOptions<T, ExpressContext> &
  RejectOptions<[request: Request, response: Response]>

/**
 * Express middleware (4 and 5): the next handler runs only for an authentic delivery and finds it in `req.webhook`.
 * It reads the bytes itself, or takes the `Buffer` of `express.raw()` or of a parser that keeps `rawBody`.
 *
 * Throws a `TypeError` for an unknown or invalid option. Any error that is not a `WebhookError` goes to Express's error handling.
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
  const reject = createNodeReject(options)

  async function run(request: Request, response: Response, next: NextFunction): Promise<void> {
    let isAccepted = false
    try {
      const outcome = await receive({
        headers: request.headers,
        readBody: (maxBytes) => readNodeBody(request, maxBytes),
        context: { request },
        endpoint: () => endpointOf(request),
        previous: request.webhook,
      })
      if ('webhook' in outcome) {
        handOver(request, response, outcome.webhook)
        isAccepted = settleWhenSent(response, outcome.settle)
      } else {
        await reject(outcome, request, response)
      }
    } catch (thrown) {
      response.statusCode = 500
      // In Express `next(undefined)` means "go on" and a string may mean "skip", so anything thrown is turned into an error.
      return next(asError(thrown))
    }
    // Not inside the `try`, because it must not be called again if it throws.
    if (isAccepted) next()
  }

  return function verifyWebhook(request, response, next) {
    run(request as Request, response, next).catch((thrown: unknown) => {
      // Reached only if `next` throws, which Express's own never does. One request must not end the process.
      console.error('countersign: what follows verifyWebhook failed', thrown)
      if (!response.headersSent) response.writeHead(500).end()
    })
  }
}

function handOver(request: Request, response: Response, webhook: Webhook): void {
  request.webhook = webhook
  // Only Express sets `locals` itself.
  response.locals ??= {}
  response.locals.webhook = webhook
  // Most handlers read `body`. The result of a parser stays.
  request.body ??= webhook.payload
  // body-parser's own mark of a body that was read. A later parser then does not read the spent stream.
  ;(request as { _body?: boolean })._body = true
  if (!isExpress(response)) replayNodeBody(request, webhook.body)
}

/** Connect, polka and NestJS on Fastify call the same middleware with Node's own response. */
function isExpress(response: Partial<Response>): boolean {
  return typeof response.status === 'function'
}

/** In `app.use` the route is not known yet. */
function endpointOf({ baseUrl, route, params, url, originalUrl = url }: Request): Endpoint {
  return { url: originalUrl, pattern: route?.path, params, base: baseUrl }
}

/**
 * Keeps the bytes that a body parser reads, so that a later `verifyWebhook` can verify them. Pass it as the `verify` option of `express.json()`, `.text()`
 * or `.urlencoded()` (Express 4 and 5), or of the package `body-parser`.
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
