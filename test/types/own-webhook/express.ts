// Checked by the compiler in a program of its own: an application whose Express requests have another `webhook`.
import { webhookHandler } from 'countersign/node'
import express, { type Request, type Response } from 'express'
import { type Equal, expectType } from '../equal.js'

interface OwnWebhook {
  readonly url: string
}

declare global {
  namespace Express {
    interface Request {
      webhook?: OwnWebhook
    }
  }
}

interface HookRequest extends Request {
  webhook: OwnWebhook
}

const app = express()
const receive = webhookHandler<{ type: string }, Request, Response>(
  { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
  (req, res, webhook) => {
    expectType<Equal<typeof webhook.payload, { type: string }>>()
    expectType<Equal<typeof req.webhook, OwnWebhook | undefined>>()
    res.sendStatus(204)
  },
)
app.post('/webhooks', receive)
app.get('/hooks', (req, res) => {
  expectType<Equal<typeof req.webhook, OwnWebhook | undefined>>()
  res.json((req as HookRequest).webhook.url)
})
