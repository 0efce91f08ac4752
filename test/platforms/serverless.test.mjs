// Express and Koa on Lambda: each library hands the application a response object of its own.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import codegenie from '@codegenie/serverless-express'
import { ServerlessAdapter } from '@h4ad/serverless-adapter'
import { ApiGatewayV2Adapter } from '@h4ad/serverless-adapter/adapters/aws'
import { ExpressFramework } from '@h4ad/serverless-adapter/frameworks/express'
import { KoaFramework } from '@h4ad/serverless-adapter/frameworks/koa'
import { DefaultHandler } from '@h4ad/serverless-adapter/handlers/default'
import { PromiseResolver } from '@h4ad/serverless-adapter/resolvers/promise'
import vendia from '@vendia/serverless-express'
import { memoryStore } from 'countersign'
import { verifyWebhook as verifyExpress } from 'countersign/express'
import { verifyWebhook as verifyKoa } from 'countersign/koa'
import { signedRequest } from 'countersign/testing'
import express5 from 'express'
import express4 from 'express4'
import Koa from 'koa'
import serverless from 'serverless-http'
import { SECRET } from './support.mjs'

const h4ad = (framework) => (app) =>
  ServerlessAdapter.new(app)
    .setFramework(framework)
    .setHandler(new DefaultHandler())
    .setResolver(new PromiseResolver())
    .addAdapter(new ApiGatewayV2Adapter())
    .build()

const libraries = {
  'serverless-http': { Express: serverless, Koa: serverless },
  '@codegenie/serverless-express': {
    Express: (app) => codegenie({ app }),
    Koa: (app) => codegenie({ app }),
  },
  '@vendia/serverless-express': {
    Express: (app) => vendia({ app }),
    Koa: (app) => vendia({ app }),
  },
  '@h4ad/serverless-adapter': {
    Express: h4ad(new ExpressFramework()),
    Koa: h4ad(new KoaFramework()),
  },
}

const express = (express) => (options, answer) => {
  const app = express()
  app.post('/webhooks', verifyExpress(options), (_req, res) => res.sendStatus(answer()))
  return app
}

const frameworks = {
  'Express 5': { kind: 'Express', create: express(express5) },
  'Express 4': { kind: 'Express', create: express(express4) },
  'Koa 3': {
    kind: 'Koa',
    create(options, answer) {
      const app = new Koa()
      app.use(verifyKoa(options)).use((ctx) => {
        ctx.status = answer()
      })
      return app
    },
  },
}

/** A function that sends deliveries of one id to an application, and what became of them. */
async function application({ create }, wrap, statuses) {
  const settled = []
  let runs = 0
  let last
  const options = {
    secret: SECRET,
    idempotency: memoryStore(),
    onSettled: ({ outcome }) => settled.push(outcome),
  }
  const handler = wrap(create(options, () => statuses[runs++]))
  const delivery = await signedRequest({ secret: SECRET, id: 'msg_1' })
  return {
    async send(change = {}) {
      const event = { ...delivery.toLambdaEvent('2.0'), ...change }
      last = await handler(event, { getRemainingTimeInMillis: () => 5000 }, () => {})
      // A claim may be settled behind the answer.
      for (let turn = 0; turn < 200 && settled.length < runs; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
      return Number(last.statusCode)
    },
    runs: () => runs,
    settled,
  }
}

for (const [library, wraps] of Object.entries(libraries)) {
  for (const [name, framework] of Object.entries(frameworks)) {
    describe(`${name} on Lambda with ${library}`, () => {
      const wrap = wraps[framework.kind]
      test('a delivery that was handled is not handled again', async () => {
        const { send, runs, settled } = await application(framework, wrap, [204, 204, 204])
        assert.deepEqual([await send(), await send(), await send()], [204, 200, 200])
        assert.deepEqual(settled, ['committed'])
        assert.equal(runs(), 1)
      })
      test('a handler that fails leaves it to the next attempt', async () => {
        const { send, runs, settled } = await application(framework, wrap, [500, 204])
        assert.deepEqual([await send(), await send(), await send()], [500, 204, 200])
        assert.deepEqual(settled, ['released', 'committed'])
        assert.equal(runs(), 2)
      })
      test('a forgery is refused', async () => {
        const { send, runs } = await application(framework, wrap, [204])
        assert.equal(await send({ body: '{}', isBase64Encoded: false }), 401)
        assert.equal(runs(), 0)
      })
    })
  }
}
