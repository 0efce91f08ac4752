import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'

const PRETTY = '{\n "type" : "ping" }\n'
const secret = generateSecret()
process.env.WEBHOOK_SECRET = secret
const { handler } = await import('../build/handler.js')
const server = createServer(handler)
let url

before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${server.address().port}/webhooks`
})
after(() => {
  server.closeAllConnections()
  server.close()
})

async function post(request) {
  const response = await fetch(url, { method: 'POST', ...request })
  return { status: response.status, body: await response.json() }
}

test('an authentic delivery reaches the handler', async () => {
  const answer = await post(await signedRequest({ secret, id: 'msg_1', body: PRETTY }))
  assert.deepEqual(answer, { status: 200, body: { id: 'msg_1', payload: { type: 'ping' } } })
})
test('a tampered one does not', async () => {
  const { headers } = await signedRequest({ secret, body: PRETTY })
  const { status, body } = await post({ headers, body: PRETTY.replace('ping', 'pong') })
  assert.deepEqual([status, body.code], [401, 'signature_mismatch'])
})
