import assert from 'node:assert/strict'
import { test } from 'node:test'
import { webhookHandler as fetchHandler } from 'countersign/fetch'
import { webhookHandler as nodeHandler } from 'countersign/node'
import {
  createApp,
  defineEventHandler,
  fromNodeMiddleware,
  toNodeListener,
  toPlainHandler,
  toWebHandler,
  toWebRequest,
} from 'h3'
import { fetchNodeRequestHandler } from 'node-mock-http'
import { assertKeepsContract, BODY, delivery, listen, post, SECRET } from './support.mjs'

const options = { secret: SECRET, warn: false }
const noContent = (_req, res) => {
  res.statusCode = 204
  res.end()
}
const handle = fetchHandler(options, () => {})

/** The line for h3 1, Nitro 2 and Nuxt, whatever they are built for. */
const app = () =>
  createApp().use(
    '/',
    defineEventHandler((event) => handle(toWebRequest(event))),
  )
const nodeApp = () => createApp().use('/', fromNodeMiddleware(nodeHandler(options, noContent)))

const asAnswer = async (response) => ({
  status: response.status,
  headers: response.headers,
  text: await response.text(),
})
const overWeb =
  (app) =>
  async ({ body, headers }) =>
    asAnswer(
      await toWebHandler(app)(new Request('http://localhost/', { method: 'POST', body, headers })),
    )

test('h3 1: countersign/fetch over toWebRequest, on a Node server', async (t) => {
  const url = await listen(t, toNodeListener(app()))
  await assertKeepsContract((request) => post(url, request))
})

test('h3 1: countersign/fetch over toWebRequest, in toWebHandler as the fetch-style presets of Nitro have it', async () => {
  await assertKeepsContract(overWeb(app()))
})

test('h3 1: countersign/fetch over toWebRequest, in toPlainHandler as the Lambda presets have it', async () => {
  const send = async ({ body, headers }) => {
    const answer = await toPlainHandler(app())({ path: '/', method: 'POST', headers, body })
    const text = answer.body ? await new Response(answer.body).text() : ''
    return { status: answer.status, headers: new Headers(answer.headers), text }
  }
  await assertKeepsContract(send)
})

test('h3 1: countersign/node on a Node server', async (t) => {
  const url = await listen(t, toNodeListener(nodeApp()))
  await assertKeepsContract((request) => post(url, request))
})

test('h3 1: countersign/node on a request without bytes answers at once, with the fix', async () => {
  const request = await delivery()
  const web = await overWeb(nodeApp())(request)
  const plain = await toPlainHandler(nodeApp())({ path: '/', method: 'POST', ...request })
  for (const { status, text, body } of [web, { ...plain, text: String(plain.body) }]) {
    assert.equal(status, 500)
    assert.match(text, /toWebRequest/, body)
  }
})

test('requests of node-mock-http that carry their body, as Nitro’s local calls do, are verified', async () => {
  const listener = nodeHandler(options, noContent)
  const send = async ({ body, headers }) =>
    asAnswer(
      await fetchNodeRequestHandler(listener, 'http://localhost/', {
        method: 'POST',
        body,
        headers,
      }),
    )
  await assertKeepsContract(send)
  const { headers } = await delivery()
  assert.equal((await send({ body: BODY, headers })).status, 204)
  assert.equal((await send({ body: JSON.parse(BODY), headers })).status, 500)
})
