// Checked by the compiler, not run: once against the types of Express 5, once against those of Express 4.
import bodyParser from 'body-parser'
import type { Webhook, WebhookErrorCode } from 'countersign'
import { accountSecret } from 'countersign/account'
import { keepRawBody, verifyWebhook } from 'countersign/express'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import { z } from 'zod'
import { type Equal, expectType } from './equal.js'

interface Ping {
  type: 'ping'
}
const secret = accountSecret({ token: 'token' })
const schema = z.object({ type: z.literal('user.created'), n: z.number().transform(String) })
type Parsed = { type: 'user.created'; n: string }

const app = express()
const router = express.Router()
const log: RequestHandler = (_req, _res, next) => next()

// Without a schema nothing is known of the payload.
app.post('/webhooks', verifyWebhook({ secret }), (req, res) => {
  expectType<Equal<typeof req.webhook, Webhook>>()
  expectType<Equal<typeof req.webhook.payload, unknown>>()
  expectType<Equal<typeof req.webhook.timestamp, Date>>()
  expectType<Equal<typeof req.webhook.body, Uint8Array>>()
  res.sendStatus(204)
})

// A schema types the payload by what it puts out.
app.post('/webhooks', verifyWebhook({ secret, schema }), (req, res) => {
  expectType<Equal<typeof req.webhook.payload, Parsed>>()
  expectType<Equal<typeof res.locals.webhook, Webhook<Parsed> | undefined>>()
  res.sendStatus(204)
})

// So does a type argument that the application vouches for.
app.post('/webhooks', verifyWebhook<Ping>({ secret }), async (req, res) => {
  expectType<Equal<typeof req.webhook.payload, Ping>>()
  res.sendStatus(204)
})

// What the route knows is still known behind the middleware.
app.post('/webhooks/:tenant', verifyWebhook({ secret, schema }), (req, res) => {
  expectType<Equal<typeof req.params.tenant, string>>()
  expectType<Equal<typeof req.webhook.payload, Parsed>>()
  res.json({ received: true })
})

// With other middleware before and behind.
app.post('/webhooks', log, verifyWebhook<Ping>({ secret }), express.json(), log, (req, res) => {
  expectType<Equal<typeof req.webhook.payload, Ping>>()
  res.sendStatus(204)
})

// Mounted in every other way.
app.use('/webhooks', verifyWebhook<Ping>({ secret }), (req, res) => {
  expectType<Equal<typeof req.webhook.payload, Ping>>()
  res.sendStatus(204)
})
router.route('/:tenant').post(verifyWebhook<Ping>({ secret }), (req, res) => {
  expectType<Equal<typeof req.webhook.payload, Ping>>()
  expectType<Equal<typeof req.params.tenant, string>>()
  res.sendStatus(204)
})
app.use(verifyWebhook({ secret }), router)

// It is a RequestHandler wherever one is asked for, with a schema too.
const handler: RequestHandler = verifyWebhook({ secret, schema })
const handlers: RequestHandler[] = [log, verifyWebhook({ secret }), verifyWebhook<Ping>({ secret })]
app.post('/webhooks', handler, ...handlers)
app.post('/webhooks', [verifyWebhook<Ping>({ secret }), log], log)

// A handler that is declared elsewhere, and one for errors.
app.post('/webhooks', verifyWebhook<Ping>({ secret }), receive)
function receive(req: express.Request, res: express.Response): void {
  expectType<Equal<typeof req.webhook, Webhook>>()
  res.sendStatus(204)
}
const fail: ErrorRequestHandler = (_error, req, res, _next) => {
  res.status(500).send(req.webhook.id)
}
app.use(fail)

// Callbacks get Express's own request and response.
verifyWebhook({
  secret({ request }) {
    expectType<Equal<typeof request, express.Request>>()
    return request.params.tenant === 'a' ? secret : undefined
  },
  onReject(error, req, res) {
    expectType<Equal<typeof error.code, WebhookErrorCode>>()
    res.status(400).send(req.path)
  },
  onVerdict({ outcome }) {
    expectType<Equal<typeof outcome, 'accepted' | 'duplicate' | 'refused'>>()
  },
})

// A parser in front keeps the bytes: Express's own, and body-parser without Express.
app.use(express.json({ verify: keepRawBody, limit: '1mb' }))
app.use(express.text({ verify: keepRawBody }), express.urlencoded({ verify: keepRawBody }))
bodyParser.json({ verify: keepRawBody })
const keep: NonNullable<bodyParser.OptionsJson['verify']> = keepRawBody
bodyParser.raw({ verify: keep })

// @ts-expect-error: a secret is needed
verifyWebhook({})
// @ts-expect-error: there is no such option
verifyWebhook({ secret, secrets: [] })
// @ts-expect-error: the schema must give what the type argument promises
verifyWebhook<Ping>({ secret, schema })
