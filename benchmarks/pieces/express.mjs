// An Express 5 route that verifies, against a route that only reads the bytes.
import { verifyWebhook } from 'countersign/express'
import express from 'express'
import { expressHandRoute, expressJsonRoute, expressRoute } from '../baselines.mjs'
import { rateRatio, timeRatio } from '../compare.mjs'
import { SECRET } from '../delivery.mjs'
import { loaded } from '../load.mjs'
import { processorTime } from '../processor.mjs'

export const servers = {
  verifyWebhook: (listening) =>
    listen((app) => {
      app.post('/webhooks', verifyWebhook({ secret: SECRET }), (_request, response) => {
        response.sendStatus(204)
      })
    }, listening),
  hand: (listening) => listen((app) => expressHandRoute(app, express, SECRET), listening),
  json: (listening) => listen((app) => expressJsonRoute(app, express), listening),
  raw: (listening) => listen((app) => expressRoute(app, express), listening),
}

function listen(mount, listening) {
  const app = express()
  mount(app)
  const server = app.listen(0, '127.0.0.1', () => listening(server.address().port))
}

export async function run() {
  const row = (measure, theirs) =>
    rateRatio({
      measure: `Express 5 with \`verifyWebhook\`, 1 KiB, against ${measure}`,
      ours: loaded('express', 'verifyWebhook'),
      theirs: loaded('express', theirs),
      least: 1,
    })
  const processorRow = (measure, theirs, most) =>
    timeRatio({
      measure: `Express 5: server processor time per request, 1 KiB, against ${measure}`,
      ours: processorTime('express', 'verifyWebhook'),
      theirs: processorTime('express', theirs),
      most,
    })
  return {
    rows: [
      await processorRow('`express.raw()`, hand-written HMAC and `JSON.parse`', 'hand', 0.95),
      await processorRow('`express.json()` that verifies nothing', 'json', 1.05),
      await row('`express.raw()` and hand-written `node:crypto`', 'hand'),
      await row('`express.raw()` that verifies nothing', 'raw'),
    ],
  }
}
