import type { Context, HonoRequest, MiddlewareHandler } from 'hono'
import type { SecretContext, Webhook } from '../src/delivery/types.js'
import {
  createReceiver,
  createReject,
  type Endpoint,
  type ReceiverOptions,
  type RejectOptions,
  readKeptBody,
  readWebBody,
  settleAfter,
} from '../src/http/index.js'

/** What `verifyWebhook` sets in the context: `c.get('webhook')` and `c.var.webhook`. */
export interface WebhookVariables<T = unknown> {
  webhook: Webhook<T>
}

/**
 * The argument of `secret` functions. TypeScript cannot infer the bindings of the application from a middleware's argument.
 * Name them, so that a misspelt binding does not compile: `({ env }: HonoContext<Bindings>) => env.WEBHOOK_SECRET`.
 */
// biome-ignore lint/suspicious/noExplicitAny: bindings that the application does not name
export interface HonoContext<Bindings = any> extends SecretContext<HonoRequest> {
  /** `c.req` */
  readonly request: HonoRequest
  /** `c.env` */
  readonly env: Bindings
}

/** Options of {@link verifyWebhook}. `secret` functions get `{ request, env, waitUntil }`; `request` is `c.req` and `env` is `c.env`. `onReject` gets the error and the context, and may return a `Response`. */
// biome-ignore lint/suspicious/noExplicitAny: see HonoContext
export type HonoOptions<T = unknown, Bindings = any> = ReceiverOptions<T, HonoContext<Bindings>> &
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is fine
  RejectOptions<[c: Context], Response | undefined | void>

/**
 * Hono middleware: the next handler runs only for an authentic delivery and finds it in `c.get('webhook')`.
 * Afterwards `c.req.json()`, `.text()` and `.arrayBuffer()` still work; `c.req.raw` is spent.
 *
 * Throws a `TypeError` for an unknown or invalid option. Any error that is not a `WebhookError` goes to `app.onError`.
 *
 * @example
 * ```ts
 * import { Hono } from 'hono'
 * import { verifyWebhook } from 'countersign/hono'
 *
 * const app = new Hono<{ Bindings: { WEBHOOK_SECRET: string } }>()
 * app.post('/webhooks', verifyWebhook({ secret: ({ env }) => env.WEBHOOK_SECRET }), (c) => {
 *   console.log(c.get('webhook').id, c.get('webhook').payload)
 *   return c.body(null, 204)
 * })
 * export default app
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: see HonoContext
export function verifyWebhook<T = unknown, Bindings = any>(
  options: HonoOptions<T, Bindings>,
): MiddlewareHandler<{ Variables: WebhookVariables<T> }> {
  const receive = createReceiver(options)
  const reject = createReject(options)

  return async function verifyWebhook(c, next) {
    const outcome = await receive({
      headers: c.req.raw.headers,
      readBody: (maxBytes) => readBody(c, maxBytes),
      context: new HonoSecretContext(c),
      endpoint: () => endpointOf(c.req),
      previous: c.get('webhook'),
    })
    if (!('webhook' in outcome)) {
      const { body, status, headers } = outcome
      // Uses `c.body`, so that headers of other middleware are kept. Its type of status codes with a body includes every status that countersign uses.
      return (await reject(outcome, c)) ?? c.body(body, status as 400, headers)
    }
    const { webhook, settle } = outcome
    c.set('webhook', webhook)
    // Not returned, because `next` does not resolve to a response.
    await settleAfter(next, () => answeredStatus(c), settle, settle && c.req.raw.signal)
  }
}

/** The status of the handler's answer. `undefined` if a handler threw, because the answer then comes from `app.onError`, and if there is no answer yet, because reading `c.res` would create one. */
function answeredStatus(c: Context): number | undefined {
  return c.error || !c.finalized ? undefined : c.res.status
}

/** The route that will answer: the next one that is not middleware. */
function endpointOf(req: HonoRequest): Endpoint {
  const { url, routeIndex: here } = req
  // Deprecated, but its replacement would import Hono at run time.
  const routes = req.matchedRoutes
  for (let at = here; at < routes.length; at++) {
    const { method, handler, path: pattern } = routes[at] as (typeof routes)[number]
    // `app.use` and `app.all` both have the method ALL; middleware takes `next`, a handler does not.
    if (method === 'ALL' && handler.length > 1) continue
    req.routeIndex = at
    const params = req.param()
    req.routeIndex = here
    return { url, pattern, params }
  }
  return { url }
}

/** A class, because each object literal with a getter gets its own hidden class, and only a full garbage collection frees it. */
class HonoSecretContext implements HonoContext {
  readonly request: HonoRequest
  readonly env: HonoContext['env']
  readonly #c: Context

  constructor(c: Context) {
    this.request = c.req
    this.env = c.env
    this.#c = c
  }

  /** Read only if there is work to keep alive. Outside Workers, Hono's getter throws, or its context has no such function. */
  get waitUntil(): SecretContext['waitUntil'] {
    try {
      const { executionCtx } = this.#c
      return executionCtx.waitUntil.bind(executionCtx)
    } catch {
      return undefined
    }
  }
}

/** Reads the bytes and keeps them readable through `c.req`. */
function readBody({ req, env }: Context, maxBytes: number): Promise<Uint8Array> {
  const { bodyCache, raw } = req
  const incoming = env?.incoming
  const isKept = Object.keys(bodyCache).length > 0
  if (!isKept && !isBounded(incoming, maxBytes)) return readAndKeep(req, maxBytes)
  // Hono keeps the result in `bodyCache`.
  if (!isKept) req.arrayBuffer()
  return readKeptBody(bodyCache, { headers: raw.headers, incoming }, maxBytes)
}

async function readAndKeep({ raw, bodyCache }: HonoRequest, maxBytes: number): Promise<Uint8Array> {
  const bytes = await readWebBody(raw, maxBytes)
  // Hono stores promises in `bodyCache`, although its types say otherwise.
  Object.assign(bodyCache, { arrayBuffer: Promise.resolve(bufferOf(bytes)) })
  return bytes
}

/** True on @hono/node-server if Content-Length is within the limit: Node refuses a longer body. There, `arrayBuffer()` is many times faster than the stream. */
function isBounded(incoming: HonoContext['env'], maxBytes: number): boolean {
  const { socket, headers } = incoming ?? {}
  return socket && !headers['transfer-encoding'] && Number(headers['content-length']) <= maxBytes
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): ArrayBufferLike {
  const isWhole = byteLength === buffer.byteLength
  return isWhole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)
}
