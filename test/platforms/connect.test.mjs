import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import connect from 'connect'
import { verifyWebhook } from 'countersign/express'
import polka from 'polka'
import {
  assertKeepsContract,
  assertRefused,
  BODY,
  delivery,
  listen,
  post,
  SECRET,
} from './support.mjs'

process.on('unhandledRejection', (error) => {
  throw error
})

function answer(seen) {
  return (req, res) => {
    seen.push(req.webhook)
    res.statusCode = 204
    res.end()
  }
}

test('connect: countersign/express works over Node’s own response', async (t) => {
  const seen = []
  const app = connect()
  app.use('/hooks', verifyWebhook({ secret: SECRET }))
  app.use('/hooks', answer(seen))
  const url = `${await listen(t, createServer(app))}/hooks`
  await assertKeepsContract((request) => post(url, request))
  assert.equal(Buffer.from(seen[0].body).toString(), BODY)
  assert.equal(seen.length, 1)
})

test('connect: an error of the application’s own goes to its error handling', async (t) => {
  const boom = new Error('boom')
  const app = connect()
  app.use(verifyWebhook({ secret: SECRET, onReject: () => Promise.reject(boom) }))
  app.use((error, _req, res, _next) => {
    res.end(String(error === boom))
  })
  const { status, text } = await post(await listen(t, createServer(app)), {
    body: '{}',
    headers: {},
  })
  assert.deepEqual([status, text], [500, 'true'])
})

test('polka: countersign/express works over Node’s own response', async (t) => {
  const seen = []
  const app = polka().post('/hooks/:tenant', verifyWebhook({ secret: SECRET }), answer(seen))
  const url = `${await listen(t, app.listen ? createServer(app.handler) : app)}/hooks/acme`
  await assertKeepsContract((request) => post(url, request))
  assert.equal(Buffer.from(seen[0].body).toString(), BODY)
})

test('a bare server: what reads the stream behind the middleware gets the bytes again', async (t) => {
  const middleware = verifyWebhook({ secret: SECRET })
  const ways = {
    async iterate(req) {
      const chunks = []
      for await (const chunk of req) chunks.push(chunk)
      return Buffer.concat(chunks)
    },
    listen: (req) =>
      new Promise((resolve) => {
        const chunks = []
        req
          .on('data', (chunk) => chunks.push(chunk))
          .on('end', () => resolve(Buffer.concat(chunks)))
        req.resume()
      }),
  }
  const url = await listen(t, (req, res) =>
    middleware(req, res, async (error) => {
      if (error) return res.writeHead(500).end()
      res.end(await ways[req.url.slice(1)](req))
    }),
  )
  for (const way of Object.keys(ways)) {
    const { status, text } = await post(`${url}/${way}`, await delivery())
    assert.deepEqual([status, text], [200, BODY])
  }
})

test('a `next` that throws is answered 500, and the process lives', async (t) => {
  const middleware = verifyWebhook({ secret: SECRET })
  t.mock.method(console, 'error', () => {})
  const url = await listen(t, (req, res) =>
    middleware(req, res, () => {
      throw new Error('boom')
    }),
  )
  assert.equal((await post(url, await delivery())).status, 500)
  assertRefused(await post(url, { body: '{}', headers: {} }), 'header_missing', 400)
})
