import type { Readable } from 'node:stream'
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify'
import type { WebhookError } from '../src/base/errors.js'
import type { SecretContext, Webhook } from '../src/delivery/types.js'
import {
  type Answer,
  createReceiver,
  createReject,
  type Endpoint,
  type ReceiverOptions,
  type RejectOptions,
  readNodeBody,
  settleWhenSent,
  watchCalls,
} from '../src/http/index.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** The verified delivery, in the scope of `verifyWebhook`. Its payload has the route's `Body` type. */
    webhook: Webhook<this['body']>
  }
}

/** The argument of `secret` functions: `request` is Fastify's own request. */
export interface FastifyContext extends SecretContext<FastifyRequest> {
  readonly request: FastifyRequest
}

type Refusal = Answer & { readonly error: WebhookError }

/** Options of {@link verifyWebhook}. `secret` functions get `{ request }`; `onReject` gets the error, the request and the reply. */
export type FastifyOptions<T = unknown> = ReceiverOptions<T, FastifyContext> &
  RejectOptions<[request: FastifyRequest, reply: FastifyReply]>

/**
 * Fastify plugin (4.28 and newer): every route in the scope that registers it runs only for authentic deliveries and finds them in
 * `request.webhook`; `request.body` is the verified payload. Other scopes keep their content-type parsers.
 *
 * A refused delivery goes to Fastify's error handling as an error with `statusCode` and `code`. The default answer is a problem document.
 *
 * Throws a `TypeError` for an unknown or invalid option.
 *
 * @example
 * ```ts
 * import Fastify from 'fastify'
 * import { accountSecret } from 'countersign/account'
 * import { verifyWebhook } from 'countersign/fastify'
 *
 * const secret = accountSecret({ token: process.env.ACCOUNT_TOKEN ?? '' })
 * Fastify().register(async (scope) => {
 *   scope.register(verifyWebhook({ secret }))
 *   scope.post('/webhooks', async (request, reply) => {
 *     console.log(request.webhook.id, request.webhook.payload)
 *     return reply.code(204).send()
 *   })
 * })
 * ```
 */
export function verifyWebhook<T = unknown>(options: FastifyOptions<T>): FastifyPluginCallback {
  const receive = createReceiver(options)
  const reject = createReject(options)
  const refusals = new WeakMap<FastifyRequest, Refusal>()

  const plugin: FastifyPluginCallback = (scope, registration, done) => {
    if ('prefix' in registration) return done(new TypeError(PREFIX))
    if (!scope.hasRequestDecorator('webhook')) scope.decorateRequest('webhook', null as never)
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (request, _payload, parsed) =>
      parsed(null, request.webhook.payload),
    )
    scope.addHook('preParsing', async (request, reply) => {
      const outcome = await receive({
        headers: request.headers,
        readBody: (maxBytes) => readNodeBody(request.raw, maxBytes, request),
        context: { request },
        endpoint: () => endpointOf(request),
        previous: request.webhook,
      })
      if ('webhook' in outcome) {
        request.webhook = outcome.webhook
        ignoreMalformedType(request)
        if (!settleWhenSent(reply.raw, outcome.settle)) reply.hijack()
        return streamOf(outcome.webhook.body)
      }
      const { status: statusCode, headers, body, error } = outcome
      reply.code(statusCode)
      if (!error) return reply.send()
      if (await isAnswered(reply, () => reject(outcome, request, reply))) return reply
      reply.code(statusCode)
      refusals.set(request, { ...outcome, error })
      // NestJS's error handler takes Express's arguments `(error, request, reply, next)` in every framework.
      // It prints every foreign error with its stack and answers it without code and headers.
      if (request.server.errorHandler.length === 4) return reply.send(body)
      // Other error handlers read `status` and `expose`. The message must not reach the sender.
      throw Object.assign(error, { statusCode, status: statusCode, expose: false, headers })
    })
    // Not `async`, because most answers are not ours.
    scope.addHook('onSend', (request, reply, payload, sent) => {
      const refusal = refusals.get(request)
      const isOurs = refusal && isDefaultAnswer(payload, refusal)
      if (isOurs) reply.headers(refusal.headers)
      sent(null, isOurs ? refusal.body : payload)
    })
    done()
  }
  return Object.assign(plugin, PLUGIN)
}

const PREFIX =
  'verifyWebhook has no routes of its own, so a prefix would change nothing: register it inside a scope that has the prefix, next to the routes it is for'

/** Registers the plugin in the caller's scope, as the package `fastify-plugin` does. */
const PLUGIN = {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'countersign',
  [Symbol.for('plugin-meta')]: { name: 'countersign', fastify: '>=4.28' },
}

function endpointOf({ routeOptions, params, originalUrl }: FastifyRequest): Endpoint {
  return { url: originalUrl, pattern: routeOptions.url, params: Object(params) }
}

/** A stream for parsers that the scope adds after ours. The request's own stream is spent, so they would wait for ever. */
function streamOf(bytes: Uint8Array): Readable {
  return process.getBuiltinModule('stream').Readable.from([bytes], { objectMode: false })
}

/** Checks whether `answer` called `reply.send`. `reply.sent` is not enough: it is set only after all other hooks have run or a stream has ended. */
async function isAnswered(reply: FastifyReply, answer: () => unknown): Promise<boolean> {
  let sends = 0
  const unwatch = watchCalls(reply, 'send', () => ++sends)
  try {
    await answer()
  } catch (thrown) {
    reply.code(500)
    throw thrown
  }
  unwatch()
  return sends > 0 || reply.sent
}

/** Fastify answers 415 to a Content-Type that it cannot read, but an authentic delivery is accepted with any Content-Type. */
function ignoreMalformedType(request: FastifyRequest): void {
  if ('mediaType' in request && request.mediaType === undefined)
    request.headers = { 'content-type': undefined }
}

/** Checks that the payload is the problem document or Fastify's own rendering of the error, so the application has not replaced it. */
function isDefaultAnswer(payload: unknown, { error, status, body }: Refusal): boolean {
  const text = typeof payload === 'string' ? payload : ''
  const start = `{"statusCode":${status},"code":"${error.code}",`
  const end = `,"message":${JSON.stringify(error.message)}}`
  return text === body || (text.startsWith(start) && text.endsWith(end))
}
