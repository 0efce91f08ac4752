import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'
import next from 'next'

const secret = generateSecret()
process.env.WEBHOOK_SECRET = secret
const PRETTY = '{\n "type" : "ping" }\n'

let url
let server
let app
before(async () => {
  app = next({ dev: false, dir: new URL('..', import.meta.url).pathname })
  await app.prepare()
  server = createServer(app.getRequestHandler())
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${server.address().port}`
})
after(async () => {
  server.closeAllConnections()
  server.close()
  await app.close()
})

async function post(path, request) {
  const response = await fetch(url + path, { method: 'POST', ...request })
  return { status: response.status, body: await response.json() }
}

test('an authentic delivery reaches the handler', async () => {
  const answer = await post(
    '/api/webhooks',
    await signedRequest({ secret, id: 'msg_1', body: PRETTY }),
  )
  assert.deepEqual(answer, { status: 200, body: { id: 'msg_1', payload: { type: 'ping' } } })
})
test('a tampered one does not', async () => {
  const { headers } = await signedRequest({ secret, body: PRETTY })
  const answer = await post('/api/webhooks', { headers, body: PRETTY.replace('ping', 'pong') })
  assert.equal(answer.status, 401)
  assert.equal(answer.body.code, 'signature_mismatch')
})
test('a secret for each tenant', async () => {
  process.env.SECRET_acme = secret
  const request = await signedRequest({ secret, id: 'msg_2', body: PRETTY })
  assert.deepEqual(await post('/api/acme', request), { status: 200, body: { id: 'msg_2' } })
  const none = await post('/api/other', await signedRequest({ secret, body: PRETTY }))
  assert.deepEqual(none, { status: 400, body: { code: 'secret_unavailable' } })
})
