import { expect, test } from '@jest/globals'
import type { ALBEvent, APIGatewayProxyEvent, APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { createVerifier } from 'countersign'
import { webhookHandler } from 'countersign/lambda'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'

const secret = generateSecret()
const verify = createVerifier({ secret })
const handler = webhookHandler({ secret }, ({ payload }) => ({
  statusCode: 200,
  body: JSON.stringify(payload),
}))

test('body, text and headers', async () => {
  const { body, text, headers } = await signedRequest({ secret, payload: { name: 'Zoë' } })
  expect(Buffer.from(body).toString()).toBe('{"name":"Zoë"}')
  expect(text).toBe('{"name":"Zoë"}')
  expect(headers['content-type']).toBe('application/json')
  expect((await verify(body, headers)).payload).toEqual({ name: 'Zoë' })
  expect((await verify(text, headers)).payload).toEqual({ name: 'Zoë' })
})

test('a default payload, a given body, id and timestamp', async () => {
  const timestamp = Math.floor(Date.now() / 1000) - 10
  const { body, headers } = await signedRequest({ secret, body: 'x', id: 'msg_1', timestamp })
  expect(Buffer.from(body).toString()).toBe('x')
  expect(headers).toMatchObject({ 'webhook-id': 'msg_1', 'webhook-timestamp': `${timestamp}` })
  expect(JSON.parse((await signedRequest({ secret })).text)).toEqual({ type: 'test.event' })
})

test('a Request, as often as it is asked for', async () => {
  const signed = await signedRequest({ secret })
  for (const request of [signed.toRequest(), signed.toRequest('https://a.example/hook')]) {
    expect(request.method).toBe('POST')
    const body = await request.arrayBuffer()
    expect((await verify(body, request.headers)).payload).toEqual({ type: 'test.event' })
  }
  expect(signed.toRequest().url).toBe('http://localhost/webhooks')
})

test.each([
  { version: '2.0', base64: false },
  { version: '2.0', base64: true },
  { version: '1.0', base64: false },
  { version: '1.0', base64: true },
  { version: 'alb', base64: false },
  { version: 'alb', base64: true },
] as const)('a Lambda event: %p', async ({ version, base64 }) => {
  const signed = await signedRequest({ secret, payload: { name: 'Zoë' } })
  const event = signed.toLambdaEvent(version, { base64, path: '/hook' })
  expect(event.isBase64Encoded).toBe(base64)
  const answer = await handler(event, {} as Context)
  expect(answer).toMatchObject({ statusCode: 200, body: '{"name":"Zoë"}' })
})

test('a body that is not text is base64 in an event, as on the platform', async () => {
  const signed = await signedRequest({ secret, body: Uint8Array.of(0xff, 0x00, 0xe9) })
  for (const version of ['2.0', '1.0', 'alb'] as const) {
    const { body, isBase64Encoded } = signed.toLambdaEvent(version)
    expect(isBase64Encoded).toBe(true)
    await expect(verify(Buffer.from(body, 'base64'), signed.headers)).rejects.toMatchObject({
      code: 'payload_invalid',
    })
  }
})

test('the events have the types of the platform, and stand by default for version 2.0', async () => {
  const signed = await signedRequest({ secret })
  const rest: APIGatewayProxyEvent = signed.toLambdaEvent('1.0')
  const balancer: ALBEvent = signed.toLambdaEvent('alb')
  const http: APIGatewayProxyEventV2 = signed.toLambdaEvent()
  expect([rest.path, balancer.path, http.rawPath]).toEqual(Array(3).fill('/webhooks'))
  expect(http.version).toBe('2.0')
})

test('a large body', async () => {
  const signed = await signedRequest({ secret, payload: 'x'.repeat(500_000) })
  const event = signed.toLambdaEvent('2.0', { base64: true })
  expect(Buffer.from(event.body, 'base64').length).toBe(500_002)
})
