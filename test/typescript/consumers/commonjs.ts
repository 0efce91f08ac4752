// CommonJS with `verbatimModuleSyntax`: every import is a require.
import countersign = require('countersign')
import account = require('countersign/account')
import cloudflare = require('countersign/cloudflare')
import compat = require('countersign/compat')
import diagnose = require('countersign/diagnose')
import expressAdapter = require('countersign/express')
import fastifyAdapter = require('countersign/fastify')
import fetchAdapter = require('countersign/fetch')
import honoAdapter = require('countersign/hono')
import http = require('countersign/http')
import koaAdapter = require('countersign/koa')
import lambda = require('countersign/lambda')
import node = require('countersign/node')
import otel = require('countersign/otel')
import postgres = require('countersign/postgres')
import redis = require('countersign/redis')
import sign = require('countersign/sign')
import testing = require('countersign/testing')
import api = require('@opentelemetry/api')
import express = require('express')
import Fastify = require('fastify')
import hono = require('hono')
import Koa = require('koa')

interface Paid {
  type: 'invoice.paid'
  amount: number
}
const secret: string = sign.generateSecret()

const app = express()
app.post('/', expressAdapter.verifyWebhook<Paid>({ secret }), (req, res) => {
  const amount: number = req.webhook.payload.amount
  res.json({ amount })
})
const observers: otel.Telemetry = otel.telemetry({ meter: api.metrics.getMeter('app') })
new hono.Hono().post('/', honoAdapter.verifyWebhook<Paid>({ secret, ...observers }), (c) => {
  const amount: number = c.get('webhook').payload.amount
  return c.json({ amount })
})
Fastify().register(fastifyAdapter.verifyWebhook({ secret }))
new Koa().use(koaAdapter.verifyWebhook({ secret }))

async function all(body: string, headers: Headers): Promise<number> {
  const webhook: countersign.Webhook<Paid> = await countersign.createVerifier<Paid>({ secret })(
    body,
    headers,
  )
  const { text }: testing.SignedRequest = await testing.signedRequest({ secret })
  const found: diagnose.Diagnosis = await diagnose.diagnose({ body, headers, secret })
  const rotating: account.AccountSecret = account.accountSecret({ token: text })
  const stores: unknown[] = [cloudflare.d1Store, redis.redisStore, postgres.postgresStore]
  const handlers: unknown[] = [
    fetchAdapter.webhookHandler({ secret: rotating }, () => {}),
    node.webhookHandler({ secret: rotating }, () => {}),
    lambda.webhookHandler({ secret: rotating }, () => {}),
    http.createReceiver({ secret: rotating }),
    new compat.Webhook(secret),
  ]
  return webhook.payload.amount + stores.length + handlers.length + found.findings.length
}
export = all
