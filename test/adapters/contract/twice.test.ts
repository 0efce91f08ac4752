import { createServer } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import { isWebhookError, memoryStore } from 'countersign'
import { verifyWebhook as verifyExpress } from 'countersign/express'
import { verifyWebhook as verifyFastify } from 'countersign/fastify'
import { webhookHandler as fetchHandler, verifyRequest } from 'countersign/fetch'
import { verifyWebhook as verifyHono } from 'countersign/hono'
import { verifyWebhook as verifyKoa } from 'countersign/koa'
import { webhookHandler as nodeHandler, verifyWebhook as verifyNode } from 'countersign/node'
import { generateSecret } from 'countersign/sign'
import express5 from 'express'
import express4 from 'express4'
import Fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { type ContractOptions, type Running, throughFetch } from './contract.js'
import { listening } from './listening.js'
import { NOW, SECRET, signed } from './signed.js'

/** Mounts one receiver behind another, and a handler behind both. */
type Start = (
  first: ContractOptions,
  second: ContractOptions,
  handle: () => void,
) => Promise<Running>

const express =
  (express: typeof express5): Start =>
  (first, second, handle) => {
    const app = express()
    app.use(verifyExpress(first))
    app.post('/webhooks', verifyExpress(second), (_req, res) => {
      handle()
      res.sendStatus(204)
    })
    return listening(createServer(app))
  }

const frameworks: Record<string, Start> = {
  'Express 5': express(express5),
  'Express 4': express(express4 as unknown as typeof express5),
  async Hono(first, second, handle) {
    const app = new Hono()
    app.use('*', verifyHono(first))
    app.post('/webhooks', verifyHono(second), (c) => {
      handle()
      return c.body(null, 204)
    })
    return { send: throughFetch(app.fetch), close() {} }
  },
  async 'Fastify 5'(first, second, handle) {
    const app = Fastify({ forceCloseConnections: true })
    app.register(async (outer) => {
      outer.register(verifyFastify(first))
      outer.register(async (inner) => {
        inner.register(verifyFastify(second))
        inner.post('/webhooks', async (_request, reply) => {
          handle()
          return reply.code(204).send()
        })
      })
    })
    await app.ready()
    return listening(app.server)
  },
  Koa(first, second, handle) {
    const app = new Koa()
    app
      .use(verifyKoa(first))
      .use(verifyKoa(second))
      .use((ctx) => {
        handle()
        ctx.status = 204
      })
    return listening(createServer(app.callback()))
  },
  'node:http'(first, second, handle) {
    const inner = nodeHandler(second, (_request, response) => {
      handle()
      response.writeHead(204).end()
    })
    return listening(
      createServer(nodeHandler(first, (request, response) => inner(request, response))),
    )
  },
  async fetch(first, second, handle) {
    const inner = fetchHandler(second, () => void handle())
    const outer = fetchHandler(first, (_webhook, { request }) => inner(request))
    return { send: throughFetch(outer), close() {} }
  },
}

const servers: Running[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

describe.each(Object.entries(frameworks))('%s: a receiver behind a receiver', (_name, start) => {
  async function running(second: Partial<ContractOptions>, first: Partial<ContractOptions> = {}) {
    const usual = { secret: SECRET, now: () => NOW }
    let runs = 0
    const server = await start({ ...usual, ...first }, { ...usual, ...second }, () => runs++)
    servers.push(server)
    return { send: server.send, runs: () => runs }
  }
  test('verifies the bytes again', async () => {
    const { send, runs } = await running({})
    expect((await send(await signed()))?.status).toBe(204)
    expect(runs()).toBe(1)
  })
  test('refuses by its own secret and limit', async () => {
    const other = await running({ secret: generateSecret() })
    expect((await other.send(await signed()))?.status).toBe(401)
    const small = await running({ maxBodyBytes: 1 })
    expect((await small.send(await signed()))?.status).toBe(413)
    expect(other.runs() + small.runs()).toBe(0)
  })
  test('shares the claim of one store, which the one in front settles', async () => {
    const idempotency = { store: memoryStore(), scope: 'mine' }
    const { send, runs } = await running({ idempotency }, { idempotency })
    const request = await signed({ id: 'msg_1' })
    expect((await send(request))?.status).toBe(204)
    expect((await send(request))?.status).toBe(200)
    expect(runs()).toBe(1)
  })
})

test('verifyRequest and verifyWebhook of countersign/node take a request twice', async () => {
  const { headers, body } = await signed()
  const init = { method: 'POST', headers: headers as [string, string][], body: Buffer.from(body) }
  const request = new Request('http://127.0.0.1/webhooks', init)
  const options = { secret: SECRET, now: () => NOW }
  const first = await verifyRequest(request, options)
  expect((await verifyRequest(request, options)).body).toBe(first.body)
  const verify = verifyNode(options)
  const server = await listening(
    createServer(async (request, response) => {
      const webhooks = [await verify(request), await verify(request)]
      response.writeHead(200).end(String(new Set(webhooks.map(({ body }) => body)).size))
    }),
  )
  servers.push(server)
  expect((await server.send(await signed()))?.text).toBe('1')
})

test('bytes that an application put there are verified like any others', async () => {
  const app = express5()
  app.use((req, _res, next) => {
    Object.assign(req, { webhook: { body: Buffer.from('{"amount":900}') } })
    next()
  })
  const errors: unknown[] = []
  const onReject = (error: unknown): void => void errors.push(error)
  app.post('/webhooks', verifyExpress({ secret: SECRET, now: () => NOW, onReject }))
  const server = await listening(createServer(app))
  servers.push(server)
  expect((await server.send(await signed({ body: '{"amount":100}' })))?.status).toBe(401)
  expect(errors.map((error) => isWebhookError(error) && error.code)).toEqual(['signature_mismatch'])
})
