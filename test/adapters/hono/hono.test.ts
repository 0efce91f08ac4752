import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { memoryStore, rotatingSecret } from 'countersign'
import { verifyWebhook, type WebhookVariables } from 'countersign/hono'
import { generateSecret } from 'countersign/sign'
import { type SignedRequestOptions, signedRequest } from 'countersign/testing'
import { type Context, Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { z } from 'zod'

const secret = generateSecret()
const payload = { type: 'user.created', name: 'Zo\u00eb' }

async function delivery(options: Partial<Omit<SignedRequestOptions, 'payload'>> = {}) {
  return {
    method: 'POST',
    ...(await signedRequest({ secret, body: JSON.stringify(payload), ...options })),
  }
}

/** In chunks, without Content-Length. */
function chunked({ body, ...rest }: Awaited<ReturnType<typeof delivery>>): RequestInit {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of body) controller.enqueue(Uint8Array.of(byte))
      controller.close()
    },
  })
  return { ...rest, body: stream, duplex: 'half' } as RequestInit
}

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** The same app behind the two ways in: a plain fetch call, and @hono/node-server. */
const ways: Record<string, (app: Hono) => Promise<(init: RequestInit) => Promise<Response>>> = {
  fetch: async (app) => async (init) => app.request('/webhooks', init),
  node: async (app) => {
    const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closers.push(() => {
      server.closeAllConnections()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    return (init) => fetch(`http://127.0.0.1:${port}/webhooks`, init)
  },
}

type Read = (c: Context) => Promise<unknown>

const readers: Record<string, Read> = {
  json: (c) => c.req.json(),
  text: async (c) => JSON.parse(await c.req.text()),
  arrayBuffer: async (c) => JSON.parse(new TextDecoder().decode(await c.req.arrayBuffer())),
  blob: async (c) => JSON.parse(await (await c.req.blob()).text()),
}

const shapes = {
  'with Content-Length': (it: Awaited<ReturnType<typeof delivery>>): RequestInit => ({
    ...it,
    headers: { ...it.headers, 'content-length': String(it.body.length) },
    body: it.body as Uint8Array<ArrayBuffer>,
  }),
  chunked,
}

describe.each(Object.entries(ways))('the body stays readable, over %s', (_way, serve) => {
  for (const [shape, toInit] of Object.entries(shapes)) {
    for (const [later, read] of Object.entries(readers)) {
      test(`${shape}: ${later} in the handler`, async () => {
        const app = new Hono()
        app.post('/webhooks', verifyWebhook({ secret }), async (c) => c.json(await read(c)))
        const send = await serve(app)
        expect(await (await send(toInit(await delivery()))).json()).toEqual(payload)
      })
      test(`${shape}: ${later} in earlier middleware, and again in the handler`, async () => {
        const app = new Hono()
        app.use(async (c, next) => {
          await read(c)
          await next()
        })
        app.post('/webhooks', verifyWebhook({ secret }), async (c) => {
          expect(c.get('webhook').payload).toEqual(payload)
          return c.json([await c.req.json(), await read(c)])
        })
        const send = await serve(app)
        const answer = await send(toInit(await delivery()))
        expect(await answer.json()).toEqual([payload, payload])
      })
    }
  }

  test('a form read by earlier middleware cannot be verified any more', async () => {
    const app = new Hono()
    app.use(async (c, next) => {
      await c.req.formData()
      await next()
    })
    const handler = jest.fn((c: Context) => c.body(null, 204))
    app.post('/webhooks', verifyWebhook({ secret }), handler)
    const { headers, body } = await delivery({ body: 'a=1' })
    const type = 'application/x-www-form-urlencoded'
    const send = await serve(app)
    const answer = await send({
      method: 'POST',
      headers: { ...headers, 'content-type': type },
      body: body as Uint8Array<ArrayBuffer>,
    })
    expect(answer.status).toBe(500)
    expect(await answer.json()).toMatchObject({ code: 'body_unavailable' })
    expect(handler).not.toHaveBeenCalled()
  })

  test('text with replaced bytes is not what arrived', async () => {
    const app = new Hono()
    app.use(async (c, next) => {
      await c.req.text()
      await next()
    })
    app.post('/webhooks', verifyWebhook({ secret }), (c) => c.body(null, 204))
    const send = await serve(app)
    for (const body of [Uint8Array.of(0x22, 0xff, 0x22), new TextEncoder().encode('\uFEFF{}')]) {
      const answer = await send(shapes['with Content-Length'](await delivery({ body })))
      expect(await answer.json()).toMatchObject({ code: 'body_unavailable' })
    }
  })

  test('a body that earlier middleware read must keep to the limit too', async () => {
    const app = new Hono()
    app.use(async (c, next) => {
      await c.req.text()
      await next()
    })
    app.post('/webhooks', verifyWebhook({ secret, maxBodyBytes: 10 }), (c) => c.body(null, 204))
    const send = await serve(app)
    expect((await send(chunked(await delivery()))).status).toBe(413)
  })

  test('a chunked body is counted as it arrives', async () => {
    const app = new Hono()
    app.post('/webhooks', verifyWebhook({ secret, maxBodyBytes: 10 }), (c) => c.body(null, 204))
    const send = await serve(app)
    expect((await send(chunked(await delivery()))).status).toBe(413)
  })
})

describe('the secret', () => {
  interface Bindings {
    WEBHOOK_SECRET: string
  }

  test.each([
    ['({ env }) => env.X', ({ env }: { env?: Bindings }) => env?.WEBHOOK_SECRET],
    ['(c) => c.env.X', (c: { env?: Bindings }) => c.env?.WEBHOOK_SECRET],
  ])('comes from the bindings: %s', async (_name, secretOf) => {
    const app = new Hono<{ Bindings: Bindings }>()
    app.post('/webhooks', verifyWebhook({ secret: secretOf }), (c) => {
      // Typed as the application typed it, behind the middleware too.
      const own: string = c.env.WEBHOOK_SECRET
      return c.text(own === secret ? c.get('webhook').id : 'none')
    })
    const env = { WEBHOOK_SECRET: secret }
    const init = shapes['with Content-Length'](await delivery({ id: 'msg_1' }))
    expect(await (await app.request('/webhooks', init, env)).text()).toBe('msg_1')
    const other = await app.request('/webhooks', init, { WEBHOOK_SECRET: generateSecret() })
    expect(other.status).toBe(401)
    expect((await app.request('/webhooks', init, {})).status).toBe(503)
  })

  test('may depend on the route: request is c.req', async () => {
    const app = new Hono()
    const tenants: Record<string, string> = { acme: secret }
    const middleware = verifyWebhook({
      secret: ({ request }) => tenants[request?.param('tenant') ?? ''],
    })
    app.post('/:tenant/webhooks', middleware, (c) => c.body(null, 204))
    const init = shapes['with Content-Length'](await delivery())
    expect((await app.request('/acme/webhooks', init)).status).toBe(204)
    expect((await app.request('/other/webhooks', init)).status).toBe(503)
  })

  test('a refresh behind the answer is handed to executionCtx.waitUntil', async () => {
    let now = Date.now()
    const source = rotatingSecret({ fetch: () => secret, maxAge: 60, now: () => now })
    await source.refresh()
    now += 61_000
    const app = new Hono()
    app.post('/webhooks', verifyWebhook({ secret: source }), (c) => c.body(null, 204))
    const kept: Promise<unknown>[] = []
    const ctx = {
      props: {},
      waitUntil(this: unknown, promise: Promise<unknown>) {
        expect(this).toBe(ctx)
        kept.push(promise)
      },
      passThroughOnException() {},
    }
    const init = shapes['with Content-Length'](await delivery())
    expect((await app.request('/webhooks', init, {}, ctx)).status).toBe(204)
    expect(kept).toHaveLength(1)
    await Promise.all(kept)
    expect(source.status().age).toBeLessThan(1)
    now += 61_000
    expect((await app.request('/webhooks', init)).status).toBe(204)
    source.close()
  })

  test.each([[{ params: {} }], [{ waitUntil: undefined }], [{ waitUntil: true }]])(
    'a context without the function, such as %j of a Next.js route, refuses no delivery',
    async (context) => {
      let now = Date.now()
      const source = rotatingSecret({ fetch: () => secret, maxAge: 60, now: () => now })
      await source.refresh()
      now += 61_000
      const app = new Hono()
      app.post('/webhooks', verifyWebhook({ secret: source }), (c) => c.body(null, 204))
      const init = shapes['with Content-Length'](await delivery())
      const answer = await app.request('/webhooks', init, {}, Object(context))
      expect(answer.status).toBe(204)
      source.close()
    },
  )
})

describe('idempotency', () => {
  test.each<[string, (c: Context, next: () => Promise<void>) => unknown]>([
    ['returns nothing', () => {}],
    ['throws', () => Promise.reject(new Error('boom'))],
    ['answers 500', (c) => c.text('failed', 500)],
    ['leaves it to the next, and there is none', (_c, next) => next()],
  ])('a handler that %s leaves the delivery to the next attempt', async (_name, broken) => {
    const app = new Hono()
    const errors: string[] = []
    app.onError((error, c) => {
      errors.push(error.message)
      return c.text('failed', 500)
    })
    let isBroken = true
    app.post('/webhooks', verifyWebhook({ secret, idempotency: memoryStore() }), (c, next) =>
      isBroken ? (broken(c, next) as Promise<void>) : c.body(null, 204),
    )
    const init = shapes['with Content-Length'](await delivery({ id: 'msg_1' }))
    expect((await app.request('/webhooks', init)).status).toBeGreaterThanOrEqual(400)
    // What Hono itself says of it, and of nothing else.
    expect(errors.filter((message) => !/boom|finalized/.test(message))).toEqual([])
    isBroken = false
    expect((await app.request('/webhooks', init)).status).toBe(204)
    expect(await (await app.request('/webhooks', init)).text()).toBe('')
  })

  test('a sender that hangs up while the handler is at work: its success counts', async () => {
    const app = new Hono()
    const sender = new AbortController()
    const handler = jest.fn((c: Context) => {
      sender.abort()
      return c.text('handled')
    })
    app.post('/webhooks', verifyWebhook({ secret, idempotency: memoryStore() }), handler)
    const init = shapes['with Content-Length'](await delivery({ id: 'msg_1' }))
    await app.request(new Request('http://127.0.0.1/webhooks', { ...init, signal: sender.signal }))
    expect(await (await app.request('/webhooks', init)).text()).toBe('')
    expect(handler).toHaveBeenCalledTimes(1)
  })
})

describe('answers', () => {
  test('keep the headers that other middleware set', async () => {
    const app = new Hono()
    app.use(async (c, next) => {
      c.header('x-request-id', 'r1')
      await next()
    })
    app.post('/webhooks', verifyWebhook({ secret }), (c) => c.body(null, 204))
    const answer = await app.request('/webhooks', { method: 'POST' })
    expect(answer.status).toBe(400)
    expect(answer.headers.get('x-request-id')).toBe('r1')
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  test('onReject sees the parameters of the middleware, at whatever step the delivery is refused', async () => {
    const app = new Hono()
    const claim = () => ({ state: 'in_progress' as const, retryAfter: 5 })
    const middleware = verifyWebhook({
      secret,
      idempotency: { ...memoryStore(), claim },
      onReject: ({ code }, c) => c.json({ code, params: c.req.param() }),
    })
    app.use('/hooks/:kind/*', middleware).post('/hooks/:type/:id', (c) => c.body(null, 204))
    const send = async (options: { secret?: string }) => {
      const init = shapes['with Content-Length'](await delivery(options))
      return (await app.request('/hooks/orders/7', init)).json()
    }
    const params = { kind: 'orders' }
    expect(await send({})).toEqual({ code: 'delivery_in_progress', params })
    const forged = { secret: generateSecret() }
    expect(await send(forged)).toEqual({ code: 'signature_mismatch', params })
  })
  test('onReject sees the context and may answer', async () => {
    const app = new Hono()
    const middleware = verifyWebhook({
      secret,
      onReject: (error, c) => c.json({ path: c.req.path, code: error.code }, 418),
    })
    app.post('/webhooks', middleware, (c) => c.body(null, 204))
    const answer = await app.request('/webhooks', { method: 'POST' })
    expect(answer.status).toBe(418)
    expect(await answer.json()).toEqual({ path: '/webhooks', code: 'header_missing' })
  })
})

test('in front of several routes, a delivery that was sent to each of them reaches each of them', async () => {
  const app = new Hono()
  app.use('/hooks/*', verifyWebhook({ secret, idempotency: memoryStore() }))
  app.post('/hooks/orders', (c) => c.body(null, 204))
  app.post('/hooks/users', (c) => c.body(null, 204))
  const send = async (path: string) => {
    const request = shapes['with Content-Length'](await delivery({ id: 'msg_1' }))
    return (await app.request(path, request)).status
  }
  const paths = ['/hooks/orders', '/hooks/users', '/hooks/orders', '/hooks/users?again']
  const statuses: number[] = []
  for (const path of paths) statuses.push(await send(path))
  expect(statuses).toEqual([204, 204, 200, 200])
})

test.each<[string, (app: Hono) => unknown]>([
  ['app.all', (app) => app.all('/hooks/*', (c) => c.body(null, 204))],
  ['app.post, with a handler that takes next', (app) => app.post('/hooks/*', answerOrPass)],
])('in front of a route for every path with %s, the route is the endpoint', async (_how, route) => {
  const app = new Hono()
  app.use(verifyWebhook({ secret, idempotency: memoryStore() }))
  route(app)
  const statuses: number[] = []
  for (const path of ['/hooks/a', '/hooks/b', '/hooks/a/b']) {
    const request = shapes['with Content-Length'](await delivery({ id: 'msg_1' }))
    statuses.push((await app.request(path, request)).status)
  }
  expect(statuses).toEqual([204, 200, 200])
})

async function answerOrPass(c: Context, next: () => Promise<void>): Promise<Response | undefined> {
  if (c.req.method === 'POST') return c.body(null, 204)
  await next()
  return undefined
}

test('a body that broke off in earlier middleware is body_unavailable, and leaves no rejection unhandled', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  try {
    const app = new Hono()
    app.use(async (c, next) => {
      await c.req.text().catch(() => {})
      await next()
    })
    app.post('/webhooks', verifyWebhook({ secret }), (c) => c.body(null, 204))
    const broken = new ReadableStream({ pull: () => Promise.reject(new Error('reset')) })
    const init = { ...(await delivery()), body: broken, duplex: 'half' } as RequestInit
    const answer = await app.request('/webhooks', init)
    expect(await answer.json()).toMatchObject({ code: 'body_unavailable' })
    await new Promise(setImmediate)
    expect(unhandled).toEqual([])
  } finally {
    process.off('unhandledRejection', note)
  }
})

describe('types', () => {
  const schema = z.object({ type: z.literal('user.created'), name: z.string() })

  test('the schema types the payload, without a cast', async () => {
    const app = new Hono()
    app.post('/webhooks', verifyWebhook({ secret, schema }), (c) => {
      const { name, type }: { name: string; type: 'user.created' } = c.get('webhook').payload
      // @ts-expect-error: no such field in the schema
      const missing = c.var.webhook.payload.missing
      return c.json({ name, type, missing })
    })
    const answer = await app.request('/webhooks', shapes['with Content-Length'](await delivery()))
    expect(await answer.json()).toEqual({ type: 'user.created', name: 'Zo\u00eb' })
  })

  test('app.use and an application that names its variables work too', async () => {
    const app = new Hono<{ Variables: WebhookVariables<{ name: string }> }>()
    app.use('/webhooks', verifyWebhook<{ name: string }>({ secret }))
    app.post('/webhooks', (c) => c.text(c.get('webhook').payload.name))
    const answer = await app.request('/webhooks', shapes['with Content-Length'](await delivery()))
    expect(await answer.text()).toBe('Zo\u00eb')
  })

  test('other typed middleware in the chain keeps its variables', async () => {
    const app = new Hono()
    const named = createMiddleware<{ Variables: { tenant: string } }>(async (c, next) => {
      c.set('tenant', 'acme')
      await next()
    })
    app.post('/webhooks', named, verifyWebhook({ secret, schema }), (c) => {
      const tenant: string = c.get('tenant')
      return c.text(`${tenant} ${c.get('webhook').payload.name.toUpperCase()}`)
    })
    const answer = await app.request('/webhooks', shapes['with Content-Length'](await delivery()))
    expect(await answer.text()).toBe('acme ZO\u00cb')
  })

  test('an unknown option is a TypeError at creation', () => {
    // @ts-expect-error: misspelt
    expect(() => verifyWebhook({ secret, maxBodySize: 1 })).toThrow(TypeError)
  })
})
