import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { verifyWebhook } from 'countersign/express'
import { webhookHandler } from 'countersign/node'
import mocks from 'node-mocks-http'
import { BODY, delivery, SECRET } from './support.mjs'

const options = { secret: SECRET, warn: false }

async function call(request, run = (req) => req, options_ = options) {
  const { req, res } = mocks.createMocks(
    { method: 'POST', url: '/', ...request },
    { eventEmitter: EventEmitter },
  )
  const failures = []
  const handle = webhookHandler(
    { ...options_, onError: (error) => failures.push(error) },
    (_req, res) => {
      res.writeHead(204)
      res.end()
    },
  )
  const done = handle(req, res)
  run(req)
  await done
  assert.deepEqual(failures, [])
  return res.statusCode
}

test('node-mocks-http: a body that comes with send() is verified', async () => {
  const { body, headers } = await delivery()
  assert.equal(await call({ headers }, (req) => req.send(BODY)), 204)
  assert.equal(await call({ headers }, (req) => req.send(Buffer.from(body))), 204)
})

test('node-mocks-http: a body given as a Buffer is verified', async () => {
  const { body, headers } = await delivery()
  assert.equal(await call({ headers, body: Buffer.from(body) }), 204)
})

test('node-mocks-http: a body given as an object is body_unavailable, also without any event', async () => {
  const { headers } = await delivery()
  assert.equal(await call({ headers, body: JSON.parse(BODY) }), 500)
})

test('node-mocks-http: countersign/express takes the same', async () => {
  const { body, headers } = await delivery()
  const { req, res } = mocks.createMocks({
    method: 'POST',
    url: '/',
    headers,
    body: Buffer.from(body),
  })
  await new Promise((resolve, reject) => {
    verifyWebhook(options)(req, res, (error) => (error ? reject(error) : resolve()))
  })
  assert.equal(Buffer.from(req.webhook.body).toString(), BODY)
})
