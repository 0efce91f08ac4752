import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serve } from '@hono/node-server'
import { verifyWebhook } from 'countersign/express'
import { verifyWebhook as honoVerify } from 'countersign/hono'
import { webhookHandler } from 'countersign/node'
import express from 'express'
import expressProxy from 'express-http-proxy'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { some } from 'hono/combine'
import { proxy } from 'hono/proxy'
import { createProxyMiddleware } from 'http-proxy-middleware'
import { assertRefused, BODY, delivery, listen, post, SECRET } from './support.mjs'

const options = { secret: SECRET }

/** A service behind that verifies once more, so that only the exact bytes and headers will do. */
async function upstream(t) {
  const seen = []
  const url = await listen(
    t,
    webhookHandler(options, (_req, res, webhook) => {
      seen.push(Buffer.from(webhook.body).toString())
      res.end('behind')
    }),
  )
  return { url, seen }
}

async function assertForwards(url, seen) {
  const { status, text } = await post(`${url}/hooks`, await delivery())
  assert.deepEqual([status, text, seen], [200, 'behind', [BODY]])
  assertRefused(await post(`${url}/hooks`, { body: BODY, headers: {} }), 'header_missing', 400)
  assert.equal(seen.length, 1)
}

test('http-proxy-middleware: forwards a verified delivery with its bytes', async (t) => {
  const { url: target, seen } = await upstream(t)
  const app = express()
  const forward = createProxyMiddleware({
    target,
    on: { proxyReq: (proxyRequest, request) => proxyRequest.write(request.webhook.body) },
  })
  app.post('/hooks', verifyWebhook(options), forward)
  await assertForwards(await listen(t, app), seen)
})

test('express-http-proxy: forwards a verified delivery with its bytes', async (t) => {
  const { url: target, seen } = await upstream(t)
  const app = express()
  const forward = expressProxy(target, {
    parseReqBody: false,
    proxyReqBodyDecorator: (_body, request) => Buffer.from(request.webhook.body),
  })
  app.post('/hooks', verifyWebhook(options), forward)
  await assertForwards(await listen(t, app), seen)
})

async function honoServer(t, app) {
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  t.after(() => server.close())
  return `http://127.0.0.1:${server.address().port}`
}

test('Hono proxy(): forwards a verified delivery with its bytes', async (t) => {
  const { url: target, seen } = await upstream(t)
  const app = new Hono()
  app.post('/hooks', honoVerify(options), (c) =>
    proxy(target, { method: 'POST', headers: c.req.header(), body: c.get('webhook').body }),
  )
  await assertForwards(await honoServer(t, app), seen)
})

test('Hono bodyLimit() in front: the smaller limit counts, and the bytes are intact', async (t) => {
  const app = new Hono()
  app.post('/hooks', bodyLimit({ maxSize: 100 }), honoVerify(options), (c) => c.body(null, 204))
  const url = `${await honoServer(t, app)}/hooks`
  assert.equal((await post(url, await delivery())).status, 204)
  const large = await delivery({ body: JSON.stringify('x'.repeat(200)) })
  assert.equal((await post(url, large)).status, 413)
})

test('Hono some(): goes on to the next rule if the delivery is refused by throwing in onReject', async (t) => {
  const app = new Hono()
  const webhook = honoVerify({
    ...options,
    onReject: (error) => {
      throw error
    },
  })
  const token = async (c, next) => {
    if (c.req.header('authorization') !== 'Bearer internal') throw new Error('no token')
    await next()
  }
  app.post('/hooks', some(webhook, token), (c) =>
    c.text(c.get('webhook')?.id ? 'webhook' : 'token'),
  )
  app.onError((_error, c) => c.text('neither', 401))
  const url = `${await honoServer(t, app)}/hooks`
  assert.equal((await post(url, await delivery())).text, 'webhook')
  const internal = { body: '{}', headers: { authorization: 'Bearer internal' } }
  assert.equal((await post(url, internal)).text, 'token')
  assert.equal((await post(url, { body: '{}', headers: {} })).status, 401)
})

test('Express: req.body behind the middleware, and behind a parser after it', async (t) => {
  const app = express()
  app.post('/hooks', verifyWebhook(options), express.json(), (req, res) =>
    res.json(req.body ?? null),
  )
  const { text } = await post(`${await listen(t, app)}/hooks`, await delivery())
  assert.deepEqual(JSON.parse(text), JSON.parse(BODY))
})
