import assert from 'node:assert/strict'
import { test } from 'node:test'
import azure from '@azure/functions'
import { webhookHandler } from 'countersign/fetch'
import { assertKeepsContract, BODY, SECRET } from './support.mjs'

const { HttpRequest, HttpResponse } = azure

test('Azure Functions v4: its HttpRequest is what countersign/fetch takes', async () => {
  const seen = []
  const handle = webhookHandler({ secret: SECRET }, ({ body }) => void seen.push(body))
  // The line of the documents: app.http('webhooks', { methods: ['POST'], handler: (request) => handle(request) })
  const send = async ({ body, headers }) => {
    const request = new HttpRequest({
      method: 'POST',
      url: 'http://localhost/api/webhooks',
      body: { bytes: Buffer.from(body) },
      headers,
    })
    // The host makes a response of what the handler returns.
    const response = new HttpResponse(await handle(request))
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  await assertKeepsContract(send)
  assert.equal(Buffer.from(seen[0]).toString(), BODY)
})
