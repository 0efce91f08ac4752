import { createServer, type RequestListener } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { type KoaOptions, verifyWebhook } from 'countersign/koa'
import Koa3 from 'koa'
import Koa2 from 'koa2'
import { andThen } from '../../../src/base/awaitable.js'
import { adapterContract, type Harness, type Running, type Setup } from '../contract/contract.js'
import { listening } from '../contract/listening.js'
import { listeningHttp2 } from '../contract/over-http2.js'

type Application = typeof Koa3

type Listen = (listener: RequestListener) => Promise<Running>
const overHttp1: Listen = (listener) => listening(createServer(listener))

function harness(Koa: Application, listen = overHttp1): Harness {
  return {
    start({ options, reject, before, handle, onError }: Setup) {
      const onReject: KoaOptions['onReject'] =
        reject &&
        ((error, ctx) =>
          andThen(reject(error, ctx.request), (answer) => {
            if (answer) Object.assign(ctx, { status: answer.status, body: answer.text })
          }))
      const app = new Koa()
      app.on('error', onError)
      app.use(async (ctx, next) => {
        if (ctx.method !== 'POST') return
        if (before === 'drain') await text(ctx.req)
        // Not co-body's: that keeps the text, which is tried on its own.
        if (before === 'json') Object.assign(ctx.request, { body: JSON.parse(await text(ctx.req)) })
        await next()
      })
      app.use(verifyWebhook({ ...options, onReject })).use((ctx) => {
        handle(ctx.state.webhook, ctx.request)
        ctx.status = 204
      })
      return listen(app.callback())
    },
  }
}

async function text(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const chunk of chunks) text += chunk
  return text
}

adapterContract('Koa 3', harness(Koa3))
adapterContract('Koa 2', harness(Koa2 as unknown as Application))
adapterContract('Koa 3 over HTTP/2', {
  // Koa's callback takes the requests of either protocol; its types know of one.
  ...harness(Koa3, (listener) => listeningHttp2(createHttp2Server(listener as never))),
  cannot: {
    'Content-Length says less than what is sent': 'HTTP/2 resets such a stream itself',
  },
})
