// Koa middleware that verifies, against the same middleware verified by hand.
import { verifyWebhook } from 'countersign/koa'
import Koa from 'koa'
import { koaHandRoute } from '../baselines.mjs'
import { timeRatio } from '../compare.mjs'
import { SECRET } from '../delivery.mjs'
import { processorTime } from '../processor.mjs'

export const servers = {
  verifyWebhook: (listening) =>
    listen((app) => {
      app.use(verifyWebhook({ secret: SECRET })).use((ctx) => {
        ctx.status = 204
      })
    }, listening),
  hand: (listening) => listen((app) => koaHandRoute(app, SECRET), listening),
}

function listen(mount, listening) {
  const app = new Koa()
  mount(app)
  const server = app.listen(0, '127.0.0.1', () => listening(server.address().port))
}

export async function run() {
  const row = await timeRatio({
    measure:
      'Koa 3: server processor time per request, 1 KiB, against `data` listeners, hand-written HMAC and `JSON.parse`',
    ours: processorTime('koa', 'verifyWebhook'),
    theirs: processorTime('koa', 'hand'),
    most: 1,
  })
  return { rows: [row] }
}
