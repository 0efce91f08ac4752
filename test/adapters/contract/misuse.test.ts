import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from '@jest/globals'
import { memoryStore } from 'countersign'
import { verifyWebhook as verifyExpress } from 'countersign/express'
import { verifyWebhook as verifyFastify } from 'countersign/fastify'
import { webhookHandler as fetchHandler, verifyRequest } from 'countersign/fetch'
import { verifyWebhook as verifyHono } from 'countersign/hono'
import { verifyWebhook as verifyKoa } from 'countersign/koa'
import { webhookHandler as lambdaHandler } from 'countersign/lambda'
import { webhookHandler as nodeHandler, verifyWebhook as verifyNode } from 'countersign/node'
import express from 'express'
import Fastify, { type preHandlerAsyncHookHandler } from 'fastify'
import { Hono, type MiddlewareHandler } from 'hono'
import Koa from 'koa'
import { SECRET } from './signed.js'

const options = { secret: SECRET }

/** What Lambda passes for an HTTP API. */
const event = {
  version: '2.0',
  routeKey: '$default',
  rawPath: '/',
  headers: { 'content-type': 'application/json' },
  requestContext: { http: { method: 'POST', path: '/' } },
  body: '{}',
  isBase64Encoded: false,
}

describe.each<[string, (handler: never) => unknown, string]>([
  ['fetch', (it) => fetchHandler(options, it), 'async (webhook, { request }) => …'],
  ['lambda', (it) => lambdaHandler(options, it), 'async (webhook, event) => …'],
  ['node', (it) => nodeHandler(options, it), '(req, res, webhook) => …'],
])('webhookHandler of countersign/%s', (_name, create, example) => {
  test.each([undefined, null, {}, 'handle'])(
    'with the handler %p says what to write',
    (handler) => {
      expect(() => create(handler as never)).toThrow(
        new TypeError(`handler must be a function: webhookHandler(options, ${example})`),
      )
    },
  )
})

describe.each<[string, (options: never) => unknown]>([
  ['verifyRequest', (it) => verifyRequest(new Request('http://127.0.0.1/'), it)],
  ['verifyWebhook', async (it) => verifyNode(it)],
])('%s, which does not answer,', (name, verify) => {
  test.each([{ idempotency: memoryStore() }, { onReject() {} }])(
    'refuses %p by its own name',
    async (option) => {
      await expect(verify({ ...options, ...option } as never)).rejects.toThrow(
        new TypeError(
          `${name} does not answer, so it takes no idempotency and no onReject: use webhookHandler, or catch the WebhookError`,
        ),
      )
    },
  )
})

describe('a function that was passed on and not called says what to write', () => {
  const expected =
    /^options must be an object, such as { secret }, not a request: call verifyWebhook\(/
  const post = { method: 'POST', body: '{}' }
  const failures: unknown[] = []
  const uncalled = <F>(it: unknown): F => it as F
  const failed = (error: unknown): void => void failures.push(error)
  const listen = async (listener: RequestListener): Promise<void> => {
    const server = createServer(listener)
    const { port } = await new Promise<AddressInfo>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve(server.address() as AddressInfo)),
    )
    await fetch(`http://127.0.0.1:${port}/`, post)
    server.close()
  }

  test.each<[string, () => unknown]>([
    [
      'express',
      () => {
        const app = express().post('/', uncalled<express.RequestHandler>(verifyExpress))
        app.use(((error, _req, res, _next) => {
          failed(error)
          res.sendStatus(500)
        }) satisfies express.ErrorRequestHandler)
        return listen(app)
      },
    ],
    [
      'hono',
      () => {
        const app = new Hono().post('/', uncalled<MiddlewareHandler>(verifyHono))
        app.onError((error, c) => {
          failed(error)
          return c.text('failed', 500)
        })
        return app.request('/', post)
      },
    ],
    [
      'fastify',
      async () => {
        const app = Fastify()
        const preHandler = uncalled<preHandlerAsyncHookHandler>(verifyFastify)
        app.post('/', { preHandler }, async () => {})
        app.setErrorHandler((error, _request, reply) => {
          failed(error)
          return reply.status(500).send()
        })
        await fetch(await app.listen({ port: 0, host: '127.0.0.1' }), post)
        await app.close()
      },
    ],
    [
      'koa',
      () => {
        const app = new Koa().use(uncalled<Koa.Middleware>(verifyKoa)).on('error', failed)
        return listen(app.callback())
      },
    ],
    [
      'node',
      () =>
        listen((request, response) => {
          try {
            uncalled<RequestListener>(nodeHandler)(request, response)
          } catch (error) {
            failed(error)
          }
          response.end()
        }),
    ],
    [
      'fetch',
      async () => {
        const handle = uncalled<(request: Request, env: object) => unknown>(fetchHandler)
        return handle(new Request('http://127.0.0.1/', post), {})
      },
    ],
    [
      'lambda',
      async () => uncalled<(event: object, context: object) => unknown>(lambdaHandler)(event, {}),
    ],
  ])('%s', async (_name, run) => {
    failures.length = 0
    await Promise.resolve().then(run).catch(failed)
    expect(failures).toEqual([
      expect.objectContaining({ message: expect.stringMatching(expected) }),
    ])
    expect(failures[0]).toBeInstanceOf(TypeError)
  })
})
