// An Express 5 route that verifies, against a route that only reads the bytes.
import { verifyWebhook } from 'countersign/express'
import express from 'express'
import { expressRoute } from '../baselines.mjs'
import { rateRatio } from '../compare.mjs'
import { SECRET } from '../delivery.mjs'
import { loaded } from '../load.mjs'

export const servers = {
  verifyWebhook: (listening) =>
    listen((app) => {
      app.post('/webhooks', verifyWebhook({ secret: SECRET }), (_request, response) => {
        response.sendStatus(204)
      })
    }, listening),
  raw: (listening) => listen((app) => expressRoute(app, express), listening),
}

function listen(mount, listening) {
  const app = express()
  mount(app)
  const server = app.listen(0, '127.0.0.1', () => listening(server.address().port))
}

export async function run() {
  const row = await rateRatio({
    measure: 'Express 5 with `verifyWebhook`, 1 KiB, against `express.raw()` that verifies nothing',
    ours: loaded('express', 'verifyWebhook'),
    theirs: loaded('express', 'raw'),
    least: 1,
  })
  return { rows: [row] }
}
