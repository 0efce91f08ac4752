import type { Context, Middleware, Request } from 'koa'
import type { SecretContext, Webhook } from '../src/delivery/types.js'
import {
  type AcceptedDelivery,
  asError,
  createReceiver,
  createReject,
  type Endpoint,
  type ReceiverOptions,
  type RejectOptions,
  readNodeBody,
  settleWhenSent,
} from '../src/http/index.js'

/** What `verifyWebhook` sets in the state: `ctx.state.webhook`. */
export interface WebhookState<T = unknown> {
  webhook: Webhook<T>
}

type WebhookContext<T> = Parameters<Middleware<WebhookState<T>>>[0]

/** The argument of `secret` functions: `request` is `ctx.request`. */
export interface KoaContext extends SecretContext<Request> {
  readonly request: Request
}

/** Options of {@link verifyWebhook}. `secret` functions get `{ request }`, which is `ctx.request`; `onReject` gets the error and the context, and may set status and body. */
export type KoaOptions<T = unknown> = ReceiverOptions<T, KoaContext> & RejectOptions<[ctx: Context]>

/**
 * Koa middleware (2 and 3): the next middleware runs only for an authentic delivery and finds it in `ctx.state.webhook`.
 * It reads the bytes itself. After a body parser it takes `rawBody`, if that holds the bytes that arrived.
 *
 * Throws a `TypeError` for an unknown or invalid option. Any error that is not a `WebhookError` goes to Koa's error handling.
 *
 * @example
 * ```ts
 * import Koa from 'koa'
 * import { accountSecret } from 'countersign/account'
 * import { verifyWebhook } from 'countersign/koa'
 *
 * const secret = accountSecret({ token: process.env.ACCOUNT_TOKEN ?? '' })
 * new Koa().use(verifyWebhook({ secret })).use((ctx) => {
 *   console.log(ctx.state.webhook.id, ctx.state.webhook.payload)
 *   ctx.status = 204
 * })
 * ```
 */
export function verifyWebhook<T = unknown>(options: KoaOptions<T>): Middleware<WebhookState<T>> {
  const receive = createReceiver(options)
  const reject = createReject(options)

  /** Resolves to the accepted delivery. Answers a refused delivery; does nothing if the sender has hung up. */
  async function accept(ctx: WebhookContext<T>): Promise<AcceptedDelivery<T> | undefined> {
    const { req, request, headers, body } = ctx
    const outcome = await receive({
      headers,
      readBody: (maxBytes) => readNodeBody(req, maxBytes, request),
      context: { request },
      endpoint: () => endpointOf(ctx),
      previous: ctx.state.webhook,
    })
    if ('webhook' in outcome) {
      ctx.state.webhook = outcome.webhook
      // The parsers' own mark. A later parser then does not read the spent stream.
      ctx.disableBodyParser = true
      return settleWhenSent(ctx.res, outcome.settle) ? outcome : undefined
    }
    ctx.status = outcome.status
    await reject(outcome, ctx)
    const isAnswered = ctx.respond === false || ctx.headerSent
    if (ctx.status === outcome.status && ctx.body === body && !isAnswered) {
      ctx.set(outcome.headers)
      ctx.body = outcome.body
    }
    return undefined
  }

  return async function verifyWebhook(ctx, next) {
    let accepted: AcceptedDelivery<T> | undefined
    try {
      accepted = await accept(ctx)
    } catch (thrown) {
      // Koa does not treat a thrown `undefined` as a failure and would never answer.
      throw asError(thrown)
    }
    if (!accepted) return
    try {
      await next()
      // Koa does not end the answer if the connection has closed.
      if (!ctx.writable && ctx.respond !== false) await accepted.settle?.(ctx.status)
    } catch (error) {
      // Released whatever the application answers.
      if (!ctx.res.writableEnded) await accepted.settle?.()
      throw error
    }
  }
}

/** What @koa/router sets in the context: every layer that matches the path, and the parameters of the layers it has reached. */
interface Routed {
  readonly matched?: readonly { readonly path: unknown; readonly methods: readonly string[] }[]
  readonly params?: Readonly<Record<string, string>>
}

function endpointOf(ctx: Pick<Context, 'originalUrl' | 'path' | 'method'>): Endpoint {
  const { originalUrl: url, method } = ctx
  // Only the types of @koa/router declare these properties.
  const { matched, params = {} } = ctx as Routed
  // Koa throws if it has to find the path of a URL that cannot be parsed. A router has found it already.
  if (!matched) return { url }
  const { path } = ctx
  const pattern = matched.filter(({ methods }) => methods.includes(method)).at(-1)?.path
  // In `router.use` the parameters of the route are not known yet.
  const names = String(pattern).match(/(?<=:)\w+/g) ?? []
  if (names.some((name) => !Object.hasOwn(params, name))) return { url }
  const whole = url.replace(/[?#].*/s, '')
  return { url, pattern, params, base: whole.endsWith(path) ? whole.slice(0, -path.length) : '' }
}
