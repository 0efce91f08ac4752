// A Hono route on @hono/node-server that verifies, against a route that only reads the bytes.
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { honoHandRoute, honoRoute } from '../baselines.mjs'
import { rateRatio, timeRatio } from '../compare.mjs'
import { SECRET } from '../delivery.mjs'
import { loaded } from '../load.mjs'
import { processorTime } from '../processor.mjs'

export const servers = {
  async verifyWebhook(listening) {
    const { verifyWebhook } = await import('countersign/hono')
    listen((app) => {
      app.post('/webhooks', verifyWebhook({ secret: SECRET }), (c) => c.body(null, 204))
    }, listening)
  },
  hand: (listening) => listen((app) => honoHandRoute(app, SECRET), listening),
  bare: (listening) => listen(honoRoute, listening),
}

function listen(mount, listening) {
  const app = new Hono()
  mount(app)
  serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => listening(port))
}

export async function run() {
  const row = (measure, theirs, least) =>
    rateRatio({
      measure: `Hono on \`@hono/node-server\` with \`verifyWebhook\`, 1 KiB, against ${measure}`,
      ours: loaded('hono', 'verifyWebhook'),
      theirs: loaded('hono', theirs),
      least,
    })
  const processor = await timeRatio({
    measure:
      'Hono on `@hono/node-server`: server processor time per request, 1 KiB, against `arrayBuffer()`, hand-written HMAC and `JSON.parse`',
    ours: processorTime('hono', 'verifyWebhook'),
    theirs: processorTime('hono', 'hand'),
    most: 0.95,
  })
  return {
    rows: [
      processor,
      await row('`arrayBuffer()` and hand-written `node:crypto`', 'hand', 1),
      await row('`arrayBuffer()` alone', 'bare', 0.95),
    ],
  }
}
