import type { SecretContext, Webhook } from 'countersign'
import {
  createReceiver,
  createReject,
  type ReceiverOptions,
  type RejectOptions,
  readWebBody,
  settleAfter,
} from 'countersign/http'
import { type H3Event, type Middleware, toResponse } from 'h3'

declare module 'h3' {
  interface H3EventContext {
    webhook?: Webhook
  }
}

/** `secret` functions get h3's event; `onReject` gets it too, and may return the response. */
export type H3Options<T = unknown> = ReceiverOptions<T, SecretContext<H3Event>> &
  RejectOptions<[event: H3Event], Response | undefined>

/** h3 middleware: what comes after it runs only for an authentic delivery and finds it in `event.context.webhook`. */
export function verifyWebhook<T = unknown>(options: H3Options<T>): Middleware {
  const receive = createReceiver(options)
  const reject = createReject(options)

  return async function verifyWebhook(event, next) {
    const outcome = await receive({
      headers: event.req.headers,
      readBody: (maxBytes) => readWebBody(event.req, maxBytes),
      context: { request: event, waitUntil: (promise) => event.waitUntil(promise) },
      endpoint: () => event.req.url,
      previous: event.context.webhook,
    })
    if (!('webhook' in outcome))
      return (await reject(outcome, event)) ?? new Response(outcome.body, outcome)
    event.context.webhook = outcome.webhook
    const run = async () => toResponse(await next(), event)
    return settleAfter(run, (response) => response.status, outcome.settle)
  }
}
