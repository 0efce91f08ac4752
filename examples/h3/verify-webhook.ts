import type { SecretContext, Webhook } from 'countersign'
import {
  createReceiver,
  plainPath,
  type ReceiverOptions,
  readWebBody,
  type Settle,
} from 'countersign/http'
import { type H3Event, type Middleware, toResponse } from 'h3'

declare module 'h3' {
  interface H3EventContext {
    webhook?: Webhook
  }
}

/** `secret` functions get h3's event; `onReject` gets it too, and may return the response. */
export type H3Options<T = unknown> = ReceiverOptions<
  T,
  SecretContext<H3Event>,
  [event: H3Event],
  Response | undefined
>

/** h3 middleware: what comes after it runs only for an authentic delivery and finds it in `event.context.webhook`. */
export function verifyWebhook<T = unknown>(options: H3Options<T>): Middleware {
  const receive = createReceiver(options)

  return async function verifyWebhook(event, next) {
    const outcome = await receive({
      headers: event.req.headers,
      readBody: (maxBytes) => readWebBody(event.req, maxBytes),
      context: { request: event, waitUntil: (promise) => event.waitUntil(promise) },
      endpoint: () => plainPath(event.req.url),
    })
    if ('webhook' in outcome) {
      event.context.webhook = outcome.webhook
      return settleAfter(async () => toResponse(await next(), event), outcome.settle)
    }
    const { error, body, status, headers } = outcome
    const own = error && (await options.onReject?.(error, event))
    return own ?? new Response(body, { status, headers })
  }
}

/** 2xx commits the claim; any other status, and a handler that throws, release it. */
async function settleAfter(run: () => Promise<Response>, settle?: Settle): Promise<Response> {
  let response: Response | undefined
  try {
    response = await run()
    return response
  } finally {
    await settle?.(response?.status)
  }
}
