import 'reflect-metadata'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { INestApplication } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'
import { AppModule } from '../src/app.module'
import { createApp } from '../src/before-parsers'
import { WebhooksController } from '../src/webhooks.controller'

const secret = generateSecret()
process.env.WEBHOOK_SECRET = secret
const PRETTY = '{\n "type" : "ping" }\n'

function withRawBody(rawBody: boolean): Promise<INestApplication> {
  return NestFactory.create(AppModule, { rawBody, logger: false })
}

function verifies(name: string, create: () => Promise<INestApplication>): void {
  describe(name, () => {
    let app: INestApplication
    let url: string
    before(async () => {
      app = await create()
      await app.listen(0, '127.0.0.1')
      url = await app.getUrl()
    })
    after(() => app.close())
    const received = () => app.get(WebhooksController).received

    test('an authentic delivery reaches the controller', async () => {
      const request = await signedRequest({ secret, id: 'msg_1', body: PRETTY })
      const response = await fetch(`${url}/webhooks`, { method: 'POST', ...request } as RequestInit)
      assert.equal(response.status, 204)
      assert.deepEqual(received(), ['msg_1'])
    })
    test('a tampered one does not', async () => {
      const { headers } = await signedRequest({ secret, id: 'msg_2', body: PRETTY })
      const body = PRETTY.replace('ping', 'pong')
      const response = await fetch(`${url}/webhooks`, { method: 'POST', headers, body })
      assert.equal(response.status, 401)
      assert.equal((await response.json()).code, 'signature_mismatch')
      assert.deepEqual(received(), ['msg_1'])
    })
    test('other routes keep their parsed body', async () => {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(`${url}/orders`, { method: 'POST', headers, body: '{"a":1}' })
      assert.deepEqual(await response.json(), { a: 1 })
    })
  })
}

verifies('module middleware with rawBody: true', () => withRawBody(true))
verifies('app.use in front of the parsers', createApp)

test('without rawBody the bytes are gone, and the answer says so', async () => {
  const app = await withRawBody(false)
  await app.listen(0, '127.0.0.1')
  const request = await signedRequest({ secret, body: PRETTY })
  const response = await fetch(`${await app.getUrl()}/webhooks`, {
    method: 'POST',
    ...request,
  } as RequestInit)
  assert.equal(response.status, 500)
  const { code, detail } = await response.json()
  assert.equal(code, 'body_unavailable')
  assert.match(detail, /rawBody: true/)
  await app.close()
})
