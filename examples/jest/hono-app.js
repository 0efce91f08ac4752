const { Hono } = require('hono')
const { verifyWebhook } = require('countersign/hono')

/** The app under test; its secret is a binding, as on Workers. */
const app = new Hono()
app.post('/webhooks', verifyWebhook({ secret: ({ env }) => env.WEBHOOK_SECRET }), (c) =>
  c.json({ id: c.get('webhook').id, type: c.get('webhook').payload.type }),
)

module.exports = { app }
