// An Express 5 route that verifies, against a route that only reads the bytes.
import { verifyWebhook } from 'countersign/express'
import express from 'express'
import { expressHandRoute, expressRoute } from '../baselines.mjs'
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
  hand: (listening) => listen((app) => expressHandRoute(app, express, SECRET), listening),
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
  return {
    rows: [
      await row('`express.raw()` that verifies nothing', 'raw'),
      await row('`express.raw()` and hand-written `node:crypto`', 'hand'),
    ],
  }
}
