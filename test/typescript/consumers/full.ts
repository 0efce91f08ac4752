// Every subpath that needs a framework, a client or Node's types, as the documents use it.
import { createServer } from 'node:http'
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2'
import { PGlite } from '@electric-sql/pglite'
import { metrics, trace } from '@opentelemetry/api'
import { Redis as Upstash } from '@upstash/redis'
import type { APIGatewayProxyEventV2, APIGatewayProxyHandlerV2 } from 'aws-lambda'
import { isWebhookError, type Webhook } from 'countersign'
import { accountSecret } from 'countersign/account'
import { verifyWebhook as expressWebhook, keepRawBody } from 'countersign/express'
import { verifyWebhook as fastifyWebhook } from 'countersign/fastify'
import { verifyWebhook as honoWebhook, type WebhookVariables } from 'countersign/hono'
import { verifyWebhook as koaWebhook } from 'countersign/koa'
import { webhookHandler as lambdaHandler } from 'countersign/lambda'
import { webhookHandler as nodeHandler } from 'countersign/node'
import { type Telemetry, telemetry } from 'countersign/otel'
import { postgresStore } from 'countersign/postgres'
import { redisSnapshot, redisStore } from 'countersign/redis'
import { generateSecret } from 'countersign/sign'
import { clock, fakeAccount, matchers, signedRequest, storeContract } from 'countersign/testing'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { Redis } from 'ioredis'
import Koa from 'koa'
import pg from 'pg'
import postgres from 'postgres'
import { createClient } from 'redis'
import { z } from 'zod'

interface Paid {
  type: 'invoice.paid'
  amount: number
}
const schema = z.object({ type: z.string(), amount: z.number().transform(String) })
const secret = generateSecret()

const app = express()
app.use('/parsed', express.json({ verify: keepRawBody }))
app.post('/webhooks/:tenant', expressWebhook({ secret, schema }), (req, res) => {
  const webhook: Webhook<{ type: string; amount: string }> = req.webhook
  res.json({ amount: webhook.payload.amount, tenant: req.params.tenant })
})
app.post('/', expressWebhook({ secret: ({ request }) => request.params.tenant }), (req, res) => {
  const payload: unknown = req.webhook.payload
  res.json(payload)
})

const hono = new Hono<{ Bindings: { SECRET: string } }>()
hono.post('/', honoWebhook<Paid>({ secret: ({ env }) => env.SECRET }), (c) => {
  const amount: number = c.get('webhook').payload.amount
  return c.json({ amount, secret: c.env.SECRET.length })
})
const named = new Hono<{ Variables: WebhookVariables<Paid> }>()
named.use(honoWebhook<Paid>({ secret }))
named.post('/', (c) => c.text(c.get('webhook').payload.type))

const fastify = Fastify()
fastify.register(async (scope) => {
  scope.register(fastifyWebhook({ secret }))
  scope.post<{ Body: Paid }>('/webhooks', async (request, reply) => {
    const amount: number = request.webhook.payload.amount
    return reply.code(amount > 0 ? 204 : 400).send()
  })
})

const koa = new Koa()
koa.use(koaWebhook({ secret, onReject: (error, ctx) => ctx.set('x-code', error.code) }))
koa.use((ctx) => {
  ctx.body = ctx.state.webhook.payload
})

export const servers = [
  createServer(
    nodeHandler<Paid>({ secret }, (_req, res, webhook) => {
      res.end(String(webhook.payload.amount))
    }),
  ),
  createHttp2Server(
    nodeHandler<Paid, Http2ServerRequest, Http2ServerResponse>({ secret }, (_req, res) => {
      res.stream.end()
    }),
  ),
]
export const handler: APIGatewayProxyHandlerV2 = lambdaHandler<Paid, APIGatewayProxyEventV2>(
  { secret },
  ({ payload }, event) => ({ statusCode: 200, body: payload.type + event.rawPath }),
)

const observers: Telemetry = telemetry({
  meter: metrics.getMeter('app'),
  tracer: trace.getTracer('app'),
  attributes: ({ outcome }) => ({ outcome }),
})
const watched = accountSecret({
  token: 't',
  ...observers,
  snapshot: redisSnapshot(createClient(), { key: 'a', encryptionKey: 'b' }),
})
export const stop: () => void = observers.observe(watched)
app.post('/observed', expressWebhook({ secret: watched, ...observers }))
hono.post('/observed', honoWebhook({ secret: watched, ...observers }))

export const stores = [
  redisStore(createClient()),
  redisStore(new Redis()),
  redisStore(new Upstash({ url: 'https://example.com', token: 't' })),
  postgresStore(new pg.Pool()),
  postgresStore(new pg.Client()),
  postgresStore(postgres()),
  postgresStore(new PGlite()),
]

export async function transactions(webhook: Webhook): Promise<void> {
  const sql = postgres()
  const store = postgresStore(sql)
  await store.migrate()
  await sql.begin(async (tx) => {
    await store.commitWith(tx, webhook)
  })
  const pglite = new PGlite()
  await pglite.transaction((tx) => postgresStore(pglite).commitWith(tx, webhook))
  const client = await new pg.Pool().connect()
  await postgresStore(new pg.Pool()).commitWith(client, webhook)
}

export async function tests(): Promise<number> {
  const account = await fakeAccount()
  account.fail({ status: 503, retryAfter: 1 })
  const now = clock('2026-01-01T00:00:00Z')
  const { headers, text } = await signedRequest({ secret: account.secret, payload: { a: 1 }, now })
  const verdict = await matchers.toBeRefusedWith(new Error(text), 'signature_mismatch')
  const cases = storeContract(() => redisStore(createClient()))
  if (isWebhookError(verdict)) throw verdict
  return cases.length + headers['webhook-id'].length
}
