// The applications that the examples of docs/testing.md test.
import { verifyWebhook as verifyExpress } from 'countersign/express'
import { verifyWebhook } from 'countersign/hono'
import express, { type Express } from 'express'
import { Hono } from 'hono'

export function createApp({ secret }: { secret: string }): Express {
  const app = express()
  app.post('/webhooks', verifyExpress({ secret }), (_request, response) => {
    response.sendStatus(204)
  })
  return app
}

export const app: Hono<{ Bindings: { WEBHOOK_SECRET: string } }> = new Hono()
app.post('*', verifyWebhook({ secret: ({ env }) => env.WEBHOOK_SECRET }), (c) => c.body(null, 204))
