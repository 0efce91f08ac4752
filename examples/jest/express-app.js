const express = require('express')
const { verifyWebhook } = require('countersign/express')

/** The app under test; `users` is what it works on. */
function createApp({ secret, users }) {
  const app = express()
  app.post('/webhooks', verifyWebhook({ secret }), (req, res) => {
    const { type, data } = req.webhook.payload
    if (type === 'user.created') users.push(data.name)
    res.sendStatus(204)
  })
  app.use(express.json())
  return app
}

module.exports = { createApp }
