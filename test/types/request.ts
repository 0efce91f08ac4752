// Checked by the compiler, not run: the request is there for secret functions and for scopes, in every adapter.
import { memoryStore } from 'countersign'
import { verifyWebhook as express } from 'countersign/express'
import { verifyWebhook as fastify } from 'countersign/fastify'
import { webhookHandler as fetch } from 'countersign/fetch'
import { verifyWebhook as hono } from 'countersign/hono'
import { verifyWebhook as koa } from 'countersign/koa'
import { webhookHandler as lambda } from 'countersign/lambda'
import { webhookHandler as node } from 'countersign/node'

declare const secrets: Record<string, string>
const store = memoryStore()
const handler = (): void => {}

express({
  secret: ({ request }) => secrets[String(request.params.tenant)],
  idempotency: { store, scope: ({ request }) => request.hostname },
})
hono({
  secret: ({ request }) => secrets[request.param('tenant') ?? ''],
  idempotency: { store, scope: ({ request }) => request.path },
})
fastify({
  secret: ({ request }) => secrets[request.hostname],
  idempotency: { store, scope: ({ request }) => request.hostname },
})
koa({
  secret: ({ request }) => secrets[request.hostname],
  idempotency: { store, scope: ({ request }) => request.hostname },
})
node(
  {
    secret: ({ request }) => secrets[request.headers.host ?? ''],
    idempotency: { store, scope: ({ request }) => request.url ?? '' },
  },
  handler,
)
fetch(
  {
    secret: ({ request }) => secrets[request.url],
    idempotency: { store, scope: ({ request }) => request.url },
  },
  handler,
)
lambda(
  {
    secret: ({ request }) => secrets[request.headers?.host ?? ''],
    idempotency: { store, scope: ({ request }) => request.headers?.host ?? '' },
  },
  handler,
)
