// Checked by the compiler, not run.
import { createServer } from 'node:http'
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2'
import type {
  ALBEvent,
  ALBHandler,
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyHandler,
  APIGatewayProxyHandlerV2,
  LambdaFunctionURLEvent,
  LambdaFunctionURLHandler,
} from 'aws-lambda'
import type { Webhook } from 'countersign'
import { accountSecret } from 'countersign/account'
import { verifyWebhook as verifyFastify } from 'countersign/fastify'
import { verifyWebhook as verifyKoa } from 'countersign/koa'
import { type LambdaReply, webhookHandler as lambdaHandler } from 'countersign/lambda'
import { webhookHandler as nodeHandler, verifyWebhook as verifyNode } from 'countersign/node'
import { signedRequest } from 'countersign/testing'
import Fastify from 'fastify'
import Koa from 'koa'
import { z } from 'zod'
import { type Equal, expectType } from './equal.js'

interface Ping {
  type: 'ping'
}
const secret = accountSecret({ token: 'token' })
const schema = z.object({ n: z.number().transform(String) })
interface Parsed {
  n: string
}

// Lambda: each of the handler types that AWS users annotate with.
export const rest: APIGatewayProxyHandler = lambdaHandler({ secret }, () => {})
export const http: APIGatewayProxyHandlerV2 = lambdaHandler({ secret }, () => {})
export const url: LambdaFunctionURLHandler = lambdaHandler({ secret }, () => {})
export const alb: ALBHandler = lambdaHandler({ secret }, async () => ({ statusCode: 202 }))
lambdaHandler({ secret, schema }, (webhook, event: APIGatewayProxyEventV2, context) => {
  expectType<Equal<typeof webhook.payload, Parsed>>()
  return { statusCode: 200, body: event.rawPath + context.awsRequestId, cookies: ['a=b'] }
})
lambdaHandler({ secret }, (_webhook, event: APIGatewayProxyEvent) => void event.resource)
lambdaHandler({ secret }, (_webhook, event: LambdaFunctionURLEvent) => void event.rawPath)
lambdaHandler({ secret }, (_webhook, event: ALBEvent) => void event.requestContext.elb)
const described: LambdaReply = { statusCode: 202, statusDescription: '202 Accepted' }
lambdaHandler({ secret }, () => described)
// @ts-expect-error: a response needs a status
lambdaHandler({ secret }, () => ({ body: 'ok' }))

// Node: requests and responses of either protocol.
createServer(
  nodeHandler({ secret, schema }, (_request, response, webhook) => {
    expectType<Equal<typeof webhook, Webhook<Parsed>>>()
    response.end()
  }),
)
createHttp2Server(
  nodeHandler({ secret }, (request: Http2ServerRequest, response: Http2ServerResponse) => {
    response.end(String(request.stream.id))
  }),
)
createServer(async (request, response) => {
  const webhook = await verifyNode<Ping>({ secret })(request)
  expectType<Equal<typeof webhook.payload, Ping>>()
  response.end()
})
// @ts-expect-error: it could not settle a claim
verifyNode({ secret, idempotency: {} })

// Koa: the state of what comes after it.
new Koa().use(verifyKoa({ secret, schema })).use((ctx) => {
  expectType<Equal<typeof ctx.state.webhook, Webhook<Parsed>>>()
})

// Fastify: the payload has the type of the route's body.
const app = Fastify()
app.register(verifyFastify({ secret }))
app.post('/webhooks', async ({ webhook }) => {
  expectType<Equal<typeof webhook.payload, unknown>>()
})
app.post<{ Body: Ping }>('/pings', async ({ webhook }) => {
  expectType<Equal<typeof webhook.payload, Ping>>()
})
const overHttp2 = Fastify({ http2: true })
overHttp2.register(verifyFastify({ secret }))
overHttp2.post<{ Body: Ping }>('/pings', async ({ webhook }) => {
  expectType<Equal<typeof webhook.payload, Ping>>()
})
verifyFastify({
  secret: ({ request }) => (request?.routeOptions.url === '/a' ? secret : undefined),
  onReject: (error, request, reply) => reply.code(403).send({ code: error.code, id: request.id }),
})

// A signed delivery goes unchanged into everything that takes a body.
export async function deliver(app: { request(url: string, init: RequestInit): unknown }) {
  const { body, headers } = await signedRequest({ secret: 'wh_' })
  app.request('/webhooks', { method: 'POST', body, headers })
  await fetch('http://127.0.0.1/webhooks', { method: 'POST', body, headers })
}
