import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { verifyWebhook } from 'countersign/hono'
import { Hono, type MiddlewareHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { andThen } from '../../../src/base/awaitable.js'
import { adapterContract, overSocket, type Setup, throughFetch } from '../contract/contract.js'

// Read past Hono: what is read through c.req stays readable, which test/unit covers.
const front: Record<Setup['before'], MiddlewareHandler> = {
  nothing: (_c, next) => next(),
  json: async (c, next) => {
    await c.req.raw.json()
    await next()
  },
  drain: async (c, next) => {
    await c.req.raw.arrayBuffer()
    await next()
  },
}

function createApp({ options, reject, before, handle, onError }: Setup): Hono {
  const app = new Hono()
  const onReject: Parameters<typeof verifyWebhook>[0]['onReject'] =
    reject &&
    ((error, c) =>
      andThen(
        reject(error, c.req),
        (answer) => answer && c.text(answer.text, answer.status as ContentfulStatusCode),
      ))
  app.post('/webhooks', front[before], verifyWebhook({ ...options, onReject }), (c) => {
    handle(c.get('webhook'), c.req)
    return c.body(null, 204)
  })
  app.onError((error, c) => {
    onError(error)
    return c.text('failed', 500)
  })
  return app
}

adapterContract('Hono', {
  start: (setup) => ({ send: throughFetch(createApp(setup).fetch), close: () => {} }),
})

adapterContract('Hono on Node', {
  async start(setup) {
    const listener = getRequestListener(createApp(setup).fetch, { overrideGlobalObjects: false })
    const server = createServer(listener)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return {
      send: overSocket((server.address() as AddressInfo).port),
      close() {
        server.closeAllConnections()
        return new Promise((resolve) => server.close(resolve))
      },
    }
  },
})
