import { describe, expect, test } from '@jest/globals'
import { memoryStore } from 'countersign'
import {
  type LambdaEvent,
  type LambdaOptions,
  type LambdaReply,
  type LambdaWebhookHandler,
  webhookHandler,
} from 'countersign/lambda'
import { generateSecret } from 'countersign/sign'
import { type SignedRequestOptions, signedRequest } from 'countersign/testing'
import type { Outgoing } from '../contract/raw-http.js'
import {
  type Gateway,
  httpApi,
  LAMBDA_CONTEXT,
  loadBalancer,
  multiValueLoadBalancer,
  restApi,
} from './gateways.js'

const SECRET = generateSecret()

/** A delivery as an event of this gateway, with lines besides. */
async function eventOf(
  gateway: Gateway,
  { lines = [], ...options }: Partial<SignedRequestOptions> & { lines?: Outgoing['headers'] } = {},
): Promise<LambdaEvent> {
  const { headers, body } = await signedRequest({ secret: SECRET, ...options })
  return gateway.toEvent({ headers: [...Object.entries(headers), ...lines], body })
}

const accept: LambdaWebhookHandler = () => {}
const receive = webhookHandler({ secret: SECRET }, accept)

describe('the lines of one header in payload version 2.0', () => {
  test('signatures joined with a bare comma are one list', async () => {
    const { headers } = await signedRequest({ secret: generateSecret() })
    const lines = [['webhook-signature', headers['webhook-signature']]] as const
    const event = await eventOf(httpApi, { lines })
    expect(event.headers?.['webhook-signature']).toMatch(/=,v1,/)
    expect(await receive(event, LAMBDA_CONTEXT)).toMatchObject({ statusCode: 204 })
  })
  test('two ids or timestamps are refused', async () => {
    const lines = [['webhook-timestamp', '1700000000']] as const
    const event = await eventOf(httpApi, { lines })
    expect(await receive(event, LAMBDA_CONTEXT)).toMatchObject({ statusCode: 400 })
    const other = await eventOf(httpApi, { lines: [['webhook-id', 'msg_2']] })
    expect(await receive(other, LAMBDA_CONTEXT)).toMatchObject({ statusCode: 401 })
  })
  test.each([
    ['of a version that is not known yet', (right: string) => `v2,whatever,${right}`],
    ['before and one after it', (right: string) => `v2,first,${right},v2,last`],
    ['of another scheme before it', (right: string) => `v1a,${'A'.repeat(86)}==,${right}`],
    ['of another scheme', (right: string) => `${right},v1a,${'A'.repeat(86)}==`],
  ])('joined with a signature %s', async (_which, join) => {
    const event = await eventOf(httpApi)
    const right = event.headers?.['webhook-signature'] ?? ''
    Object.assign(event.headers ?? {}, { 'webhook-signature': join(right) })
    expect(await receive(event, LAMBDA_CONTEXT)).toMatchObject({ statusCode: 204 })
  })
  test('an id stays unchanged', async () => {
    for (const id of ['a=,vb', 'a=,v1,b', 'msg,v1,x', 'v', 'v1']) {
      for (const gateway of [httpApi, loadBalancer, restApi]) {
        const result = await receive(await eventOf(gateway, { id }), LAMBDA_CONTEXT)
        expect(result).toMatchObject({ statusCode: 204 })
      }
    }
  })
  test('a header that is not text is ignored', async () => {
    const event = await eventOf(httpApi)
    Object.assign(event.headers ?? {}, { 'x-forwarded-port': 443, 'x-none': null })
    expect(await receive(event, LAMBDA_CONTEXT)).toMatchObject({ statusCode: 204 })
    Object.assign(event.headers ?? {}, { 'webhook-timestamp': 1_700_000_000 })
    const result = await receive(event, LAMBDA_CONTEXT)
    expect(JSON.parse(result.body)).toMatchObject({ code: 'header_malformed' })
  })
})

describe('the body of an event', () => {
  const anything = webhookHandler({ secret: SECRET, parse: 'none' }, accept)

  test('bytes that the gateway replaced are body_unavailable, with the fix', async () => {
    const event = await eventOf(restApi, { body: Uint8Array.of(0x22, 0xff, 0x22) })
    Object.assign(event, { body: '"\uFFFD"', isBase64Encoded: false })
    const result = await anything(event, LAMBDA_CONTEXT)
    expect(result.statusCode).toBe(500)
    expect(JSON.parse(result.body)).toMatchObject({
      code: 'body_unavailable',
      detail: expect.stringContaining('base64'),
    })
  })
  test('the replacement character itself may well be sent', async () => {
    const event = await eventOf(restApi, { payload: '\uFFFD' })
    expect(event.isBase64Encoded).toBe(false)
    expect(await receive(event, LAMBDA_CONTEXT)).toMatchObject({ statusCode: 204 })
  })
})

describe('optional fields of an event', () => {
  test('multi-value headers that are null or empty leave it to the single ones', async () => {
    for (const multiValueHeaders of [null, {}, undefined]) {
      const event = Object.assign(await eventOf(restApi), { multiValueHeaders })
      expect(await receive(event, LAMBDA_CONTEXT)).toMatchObject({ statusCode: 204 })
    }
  })
  test('a request context that a test made by hand', async () => {
    const { requestContext: _, ...event } = await eventOf(restApi)
    expect(await receive(event as LambdaEvent, LAMBDA_CONTEXT)).toMatchObject({ statusCode: 204 })
  })
  test.each([
    ['SQS', { Records: [{ eventSource: 'aws:sqs', body: '{}' }] }],
    ['EventBridge', { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} }],
    ['WebSocket', { requestContext: { eventType: 'MESSAGE', connectionId: 'c' }, body: '{}' }],
    ['no event', undefined],
    ['text', '{}'],
  ])('%s is not an HTTP request: TypeError', async (_name, event) => {
    const call = receive(event as unknown as LambdaEvent, LAMBDA_CONTEXT)
    await expect(call).rejects.toThrow(
      /not an HTTP request: .*, and this one holds (Records|source, detail-type, detail|requestContext, body|nothing|0, 1)$/,
    )
    await expect(call).rejects.toBeInstanceOf(TypeError)
  })
})

test('the message about another event names its first five keys', async () => {
  const event = { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 }
  const call = receive(event as unknown as LambdaEvent, LAMBDA_CONTEXT)
  await expect(call).rejects.toThrow(/this one holds a, b, c, d, e$/)
})

describe('what the handler gets and returns', () => {
  test('webhook, event and context', async () => {
    const event = await eventOf(loadBalancer, { id: 'msg_1' })
    const seen: unknown[] = []
    const handler = webhookHandler({ secret: SECRET }, (...given) => void seen.push(...given))
    await handler(event, LAMBDA_CONTEXT)
    expect(seen).toEqual([expect.objectContaining({ id: 'msg_1' }), event, LAMBDA_CONTEXT])
    expect(seen[1]).toBe(event)
  })
  test('onReject gets the error, the event and the context, and may answer', async () => {
    const event = await eventOf(restApi, { secret: generateSecret() })
    const seen: unknown[] = []
    const onReject: LambdaOptions['onReject'] = (...given) => {
      seen.push(...given)
      return { statusCode: 418 }
    }
    const result = await webhookHandler({ secret: SECRET, onReject }, accept)(event, LAMBDA_CONTEXT)
    expect(result).toMatchObject({ statusCode: 418, body: '' })
    expect(seen[0]).toMatchObject({ code: 'signature_mismatch' })
    expect(seen[1]).toBe(event)
    expect(seen[2]).toBe(LAMBDA_CONTEXT)
    expect(seen).toHaveLength(3)
  })
  test('secret functions get the event', async () => {
    const event = await eventOf(httpApi)
    const asked: unknown[] = []
    const secret: LambdaOptions['secret'] = ({ request }) => {
      asked.push(request)
      return SECRET
    }
    await webhookHandler({ secret }, accept)(event, LAMBDA_CONTEXT)
    expect(asked).toEqual([event])
  })
  test('its headers take the shape that the load balancer reads', async () => {
    const reply = {
      statusCode: 202,
      headers: { 'x-one': 1, 'x-two': 'c' },
      multiValueHeaders: { 'x-two': ['a', 'b'] },
      body: 'ok',
    }
    const handler = webhookHandler({ secret: SECRET }, () => reply)
    expect(await handler(await eventOf(multiValueLoadBalancer), LAMBDA_CONTEXT)).toEqual({
      statusCode: 202,
      multiValueHeaders: { 'x-one': [1], 'x-two': ['a', 'b'] },
      body: 'ok',
      isBase64Encoded: false,
    })
    // API Gateway reads both, and the list goes before the single line too.
    expect(await handler(await eventOf(restApi), LAMBDA_CONTEXT)).toEqual({
      ...reply,
      isBase64Encoded: false,
    })
  })
  test('without a status it is an error, and the claim is released', async () => {
    const store = memoryStore()
    const options = { secret: SECRET, idempotency: store }
    const broken = webhookHandler(options, () => ({ body: 'ok' }) as LambdaReply)
    const event = await eventOf(restApi)
    await expect(broken(event, LAMBDA_CONTEXT)).rejects.toThrow(/statusCode/)
    const result = await webhookHandler(options, accept)(event, LAMBDA_CONTEXT)
    expect(result.statusCode).toBe(204)
  })
  test('a status other than 2xx leaves the delivery to the next attempt', async () => {
    let runs = 0
    const handler = webhookHandler({ secret: SECRET, idempotency: memoryStore() }, () => {
      runs++
      return { statusCode: runs === 1 ? 500 : 200 }
    })
    const event = await eventOf(restApi)
    for (const status of [500, 200, 200]) {
      expect((await handler(event, LAMBDA_CONTEXT)).statusCode).toBe(status)
    }
    expect(runs).toBe(2)
  })
  test.each([{}, { statusCode: 'ok' }, { statusCode: Number.NaN }, 'done'])(
    'an answer without a status is a TypeError: %j',
    async (answer) => {
      const handler = webhookHandler({ secret: SECRET }, () => answer as never)
      const call = handler(await eventOf(restApi), LAMBDA_CONTEXT)
      await expect(call).rejects.toThrow(
        new TypeError(
          'the handler must return { statusCode: 200, … } with a number, or nothing for 204',
        ),
      )
    },
  )
  test('options and handler are checked at once', () => {
    expect(() => webhookHandler({ secret: SECRET, tollerance: 1 } as never, accept)).toThrow(
      TypeError,
    )
    expect(() => webhookHandler({ secret: SECRET }, undefined as never)).toThrow(TypeError)
  })
})

describe('the endpoint of an event', () => {
  type Event = Parameters<ReturnType<typeof webhookHandler>>[0]
  type Change = (event: Record<string, unknown>) => object

  /** Which of these events, all with one delivery, are handled. */
  async function handled(version: '2.0' | '1.0' | 'alb', changes: readonly Change[]) {
    const handle = webhookHandler({ secret: SECRET, idempotency: memoryStore() }, accept)
    const delivery = await signedRequest({ secret: SECRET, id: 'msg_1' })
    const seen: boolean[] = []
    for (const change of changes) {
      const event = { ...delivery.toLambdaEvent(version) }
      const changed = { ...event, ...change(event) } as unknown as Event
      seen.push((await handle(changed, {} as never)).statusCode === 204)
    }
    return seen
  }
  const http =
    (rawPath: string, routeKey: string, more: object = {}, context: object = {}): Change =>
    ({ requestContext }) => ({
      rawPath,
      routeKey,
      ...more,
      requestContext: { ...(requestContext as object), ...context },
    })
  const tenant = (tenant: string) => ({ pathParameters: { tenant } })

  test('HTTP API: the route with its parameters, whatever the stage and the base path', async () => {
    const route = 'POST /hooks/{tenant}'
    const same = [
      http('/hooks/acme', route, tenant('acme')),
      http('/prod/hooks/acme', route, tenant('acme'), { stage: 'prod' }),
      http('/base/hooks/acme', route, tenant('acme')),
      http('/hooks/ACME', route, tenant('ACME')),
      http('/hooks/acme%20', route, tenant('acme ')),
    ]
    expect(await handled('2.0', same)).toEqual([true, false, false, false, false])
    const others = [http('/hooks/a', route, tenant('a')), http('/hooks/b', route, tenant('b'))]
    expect(await handled('2.0', others)).toEqual([true, true])
  })
  test('HTTP API: the method of the route does not count', async () => {
    const routes = ['POST /hooks/{tenant}', 'PUT /hooks/{tenant}', 'ANY /hooks/{tenant}']
    const events = routes.map((route) => http('/hooks/acme', route, tenant('acme')))
    expect(await handled('2.0', events)).toEqual([true, false, false])
  })
  test('HTTP API: without a route, the path behind the stage', async () => {
    const stages = ['v1', 'v2'].map((stage) => http(`/${stage}/hooks`, '', {}, { stage }))
    const other = http('/v1/other', '', {}, { stage: 'v1' })
    const alike = http('/v1hooks', '', {}, { stage: 'v1' })
    expect(await handled('2.0', [...stages, other, alike])).toEqual([true, false, true, true])
  })
  test('HTTP API: a remainder and $default take every path', async () => {
    for (const [route, names] of [
      ['ANY /{proxy+}', { pathParameters: { proxy: 'x' } }],
      ['$default', {}],
    ] as const) {
      const events = ['/hooks', '/other', '/prod/hooks'].map((path) => http(path, route, names))
      expect(await handled('2.0', events)).toEqual([true, false, false])
    }
  })
  test('function URL: the path', async () => {
    const context = { domainName: 'id.lambda-url.eu-central-1.on.aws' }
    const events = ['/hooks', '//hooks/', '/x/../hooks', '/other'].map((path) =>
      http(path, '$default', {}, context),
    )
    expect(await handled('2.0', events)).toEqual([true, false, false, true])
  })
  test('REST API: the resource with its parameters, whatever the base path', async () => {
    const resource = '/hooks/{tenant}'
    const events = ['/hooks/acme', '/base/hooks/acme', '/hooks/acme/'].map((path) => () => ({
      path,
      resource,
      pathParameters: { tenant: 'acme' },
    }))
    expect(await handled('1.0', events)).toEqual([true, false, false])
    const proxied = ['/hooks', '/other'].map((path) => () => ({
      path,
      resource: '/{proxy+}',
      pathParameters: { proxy: path.slice(1) },
    }))
    expect(await handled('1.0', proxied)).toEqual([true, false])
  })
  test('one route behind several gateways is one endpoint of a common store', async () => {
    const idempotency = memoryStore()
    const handle = webhookHandler({ secret: SECRET, idempotency }, accept)
    const delivery = await signedRequest({ secret: SECRET, id: 'msg_1' })
    const route = { rawPath: '/hooks', routeKey: 'POST /hooks' }
    const events = [
      { ...delivery.toLambdaEvent('2.0'), ...route },
      { ...delivery.toLambdaEvent('1.0'), path: '/base/hooks', resource: '/hooks' },
      { ...delivery.toLambdaEvent('alb'), path: '/hooks' },
      {
        ...delivery.toLambdaEvent('2.0'),
        rawPath: '/of/acme',
        routeKey: 'POST /of/{tenant}',
        ...tenant('acme'),
      },
      {
        ...delivery.toLambdaEvent('1.0'),
        path: '/base/of/acme',
        resource: '/of/{tenant}',
        ...tenant('acme'),
      },
    ]
    const statuses: unknown[] = []
    for (const event of events)
      statuses.push((await handle(event as unknown as Event, {} as never)).statusCode)
    expect(statuses).toEqual([204, 200, 200, 204, 200])
  })
  test.each<['2.0' | 'alb', object]>([
    ['2.0', { rawPath: undefined, routeKey: undefined }],
    ['alb', { path: undefined }],
  ])(
    'an event (%s) without a path, as a test makes it by hand, is at the root',
    async (kind, without) => {
      const store = memoryStore()
      const handle = webhookHandler({ secret: SECRET, idempotency: store }, accept)
      const delivery = await signedRequest({ secret: SECRET, id: 'msg_1' })
      const event = { ...delivery.toLambdaEvent(kind), ...without } as unknown as Event
      expect((await handle(event, {} as never)).statusCode).toBe(204)
      const { state } = await store.claim(' msg_1', { token: 'another', lease: 60 })
      expect(state).toBe('done')
    },
  )
  test('load balancer: the path', async () => {
    const events = ['/hooks', '/HOOKS/', '/%68ooks', '/other'].map((path) => () => ({ path }))
    expect(await handled('alb', events)).toEqual([true, false, false, true])
  })
})
