import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { memoryStore } from 'countersign'
import { generateSecret } from 'countersign/sign'
import { type SignedRequestOptions, signedRequest } from 'countersign/testing'
import { H3, HTTPError, type Middleware, serve } from 'h3'
import { createApp } from '../app.js'
import { type H3Options, verifyWebhook } from '../verify-webhook.js'

const secret = generateSecret()
const PRETTY = '{\n "type" : "ping" }\n'

async function delivery(options: Partial<SignedRequestOptions> = {}) {
  // `payload` and `body` exclude each other, which TypeScript does not follow through a spread.
  const all = { secret, body: PRETTY, ...options } as SignedRequestOptions
  const { body, headers } = await signedRequest(all)
  return { method: 'POST', headers: { ...headers }, body: body as Uint8Array<ArrayBuffer> }
}

/** The route's handler, and how often it ran. */
function setup(options: Partial<H3Options> = {}, before: Middleware[] = []) {
  const runs: string[] = []
  const statuses: number[] = []
  const middleware = [...before, verifyWebhook({ secret, ...options })]
  const app = new H3().post(
    '/webhooks',
    (event) => {
      runs.push(event.context.webhook?.id ?? 'none')
      const status = statuses.shift() ?? 204
      if (status >= 500) throw new HTTPError({ status })
      event.res.status = status
      return ''
    },
    { middleware },
  )
  const post = async (init: RequestInit) => app.request('/webhooks', init)
  return { app, runs, statuses, post }
}

async function refused(response: Response, code: string, status: number): Promise<void> {
  assert.equal(response.status, status)
  assert.equal(response.headers.get('content-type'), 'application/problem+json')
  assert.equal((await response.json()).code, code)
}

describe('an adapter over the public seam', () => {
  test('the handler runs for an authentic delivery', async () => {
    const response = await createApp(secret).request('/webhooks', await delivery({ id: 'msg_1' }))
    assert.deepEqual(await response.json(), { received: 'msg_1' })
  })
  test('and for no other', async () => {
    const { post, runs } = setup({ maxBodyBytes: 100 })
    const forged = await delivery({ secret: generateSecret() })
    await refused(await post(forged), 'signature_mismatch', 401)
    await refused(await post({ ...(await delivery()), body: '{}' }), 'signature_mismatch', 401)
    await refused(await post({ method: 'POST', body: '{}' }), 'header_missing', 400)
    const large = await delivery({ body: `"${'x'.repeat(100)}"` })
    await refused(await post(large), 'body_too_large', 413)
    assert.deepEqual(runs, [])
  })
  test('a parser in front is answered with the fix in words', async () => {
    const parse: Middleware = async (event, next) => {
      await event.req.json()
      return next()
    }
    const { post, runs } = setup({}, [parse])
    await refused(await post(await delivery()), 'body_unavailable', 500)
    assert.deepEqual(runs, [])
  })
  test('onReject may answer, or not', async () => {
    const onReject: H3Options['onReject'] = ({ code }) =>
      code === 'header_missing' ? undefined : new Response(code, { status: 418 })
    const { post } = setup({ onReject })
    const forged = await post(await delivery({ secret: generateSecret() }))
    assert.deepEqual([forged.status, await forged.text()], [418, 'signature_mismatch'])
    await refused(await post({ method: 'POST' }), 'header_missing', 400)
  })
  test('idempotency: a failure releases the delivery, a success is not repeated', async () => {
    const { post, runs, statuses } = setup({ idempotency: memoryStore() })
    const request = await delivery({ id: 'msg_1' })
    statuses.push(503, 202)
    const answers: number[] = []
    for (let i = 0; i < 3; i++) answers.push((await post(request)).status)
    assert.deepEqual(answers, [503, 202, 200])
    assert.deepEqual(runs, ['msg_1', 'msg_1'])
  })
  test('behind a real server', async () => {
    const { app, runs } = setup()
    const server = serve(app, { port: 0, hostname: '127.0.0.1', silent: true })
    await server.ready()
    try {
      const url = new URL('/webhooks', server.url)
      assert.equal((await fetch(url, await delivery({ id: 'msg_1' }))).status, 204)
      await refused(await fetch(url, await delivery({ timestamp: 1 })), 'timestamp_too_old', 401)
      assert.deepEqual(runs, ['msg_1'])
    } finally {
      await server.close(true)
    }
  })
})
