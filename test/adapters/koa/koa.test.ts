import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, test } from '@jest/globals'
import { bodyParser } from '@koa/bodyparser'
import { memoryStore } from 'countersign'
import { type KoaOptions, verifyWebhook } from 'countersign/koa'
import { generateSecret } from 'countersign/sign'
import { type SignedRequestOptions, signedRequest } from 'countersign/testing'
import Koa, { type Middleware } from 'koa'
import oldBodyParser from 'koa-bodyparser'
import { z } from 'zod'
import { overSocket } from '../contract/contract.js'
import { listening } from '../contract/listening.js'
import type { Outgoing, Send } from '../contract/raw-http.js'

const secret = generateSecret()

const closers: (() => unknown)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function serve(...middleware: Middleware[]): Promise<number> {
  const app = new Koa()
  app.silent = true
  for (const use of middleware) app.use(use)
  const server = createServer(app.callback())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

async function listen(...middleware: Middleware[]): Promise<Send> {
  return overSocket(await serve(...middleware))
}

async function delivery(options: Partial<SignedRequestOptions> = {}): Promise<Outgoing> {
  const { body, headers } = await signedRequest({ secret, ...options })
  return { headers: Object.entries(headers), body }
}

const echo: Middleware = (ctx) => {
  ctx.body = { id: ctx.state.webhook.id, payload: ctx.state.webhook.payload }
}

const PRETTY = '{\n "name" : "Zo\u00eb",\r\n "n" : 1.0 }\n'
const parsers: Record<string, Middleware> = {
  'koa-bodyparser': oldBodyParser(),
  '@koa/bodyparser': bodyParser() as Middleware,
}

test('a URL that cannot be parsed is no reason to refuse a delivery', async () => {
  const port = await serve(verifyWebhook({ secret, idempotency: memoryStore() }), echo)
  const send = overSocket(port, 'http://[::1')
  expect(await send(await delivery())).toMatchObject({ status: 200 })
})

describe.each(Object.entries(parsers))('behind %s', (_name, parser) => {
  const start = (options: Partial<KoaOptions> = {}) =>
    listen(parser, verifyWebhook({ secret, ...options }), echo)

  test('its rawBody is used if it is the bytes that arrived', async () => {
    const answer = await (await start())(await delivery({ id: 'msg_1', body: PRETTY }))
    expect(JSON.parse(answer?.text ?? '')).toEqual({ id: 'msg_1', payload: { name: 'Zoë', n: 1 } })
  })
  test('a tampered body is a mismatch', async () => {
    const request = { ...(await delivery({ body: '{"n":1}' })), body: Buffer.from('{"n":9}') }
    expect((await (await start())(request))?.status).toBe(401)
  })
  test.each([
    ['chunked, so that the length cannot be compared', { body: PRETTY }, { chunked: true }],
    ['bytes that are no UTF-8', { body: Uint8Array.of(0x22, 0xff, 0x22) }, {}],
    ['a byte order mark, which the parser drops', { body: '\uFEFF{"a":1}' }, {}],
  ])('refused: %s', async (_case, options, how) => {
    const answer = await (await start())({ ...(await delivery(options)), ...how })
    // @koa/bodyparser and koa-bodyparser may refuse such a body themselves.
    expect([400, 500]).toContain(answer?.status)
    if (answer?.status === 500) expect(answer.text).toMatch(/body_unavailable.*decoded to text/)
  })
  test('a type it does not parse leaves the stream to be read', async () => {
    const { headers, body } = await delivery({ body: PRETTY })
    const others = headers.filter(([name]) => name !== 'content-type')
    const type = ['content-type', 'application/cloudevents'] as const
    expect((await (await start())({ headers: [...others, type], body }))?.status).toBe(200)
  })
  test('the limit counts for what the parser kept', async () => {
    const send = await start({ maxBodyBytes: 4 })
    expect((await send(await delivery({ body: '[1,2]' })))?.status).toBe(413)
    expect((await send(await delivery({ body: '[12]' })))?.status).toBe(200)
  })
})

describe.each(Object.entries(parsers))('before %s', (_name, parser) => {
  test('the webhook is there, and the parser does no harm', async () => {
    const send = await listen(verifyWebhook({ secret }), parser, echo)
    const answer = await send(await delivery({ id: 'msg_1', payload: { a: 1 } }))
    expect(answer?.status).toBe(200)
    expect(JSON.parse(answer?.text ?? '')).toEqual({ id: 'msg_1', payload: { a: 1 } })
  })
})

describe('onReject', () => {
  const onReject = (change: (ctx: Parameters<NonNullable<KoaOptions['onReject']>>[1]) => void) =>
    listen(verifyWebhook({ secret, onReject: (_error, ctx) => change(ctx) }), echo)
  const forgery = () => delivery({ secret: generateSecret() })

  test('a body alone keeps the status of the contract', async () => {
    const send = await onReject((ctx) => {
      ctx.body = { no: true }
    })
    const answer = await send(await forgery())
    expect(answer).toMatchObject({ status: 401, text: '{"no":true}' })
    expect(answer?.headers.get('content-type')).toContain('application/json')
  })
  test('404 counts as an answer', async () => {
    const send = await onReject((ctx) => {
      ctx.status = 404
    })
    expect(await send(await forgery())).toMatchObject({ status: 404, text: 'Not Found' })
  })
  test('an answer past Koa is left alone', async () => {
    const send = await onReject((ctx) => {
      ctx.respond = false
      setImmediate(() => ctx.res.writeHead(418).end('mine'))
    })
    expect(await send(await forgery())).toMatchObject({ status: 418, text: 'mine' })
  })
  test('what an earlier middleware set does not count as one', async () => {
    const early: Middleware = async (ctx, next) => {
      ctx.body = 'early'
      await next()
    }
    const send = await listen(early, verifyWebhook({ secret, onReject: () => {} }), echo)
    expect(JSON.parse((await send(await forgery()))?.text ?? '')).toMatchObject({
      code: 'signature_mismatch',
    })
  })
})

test('the state is typed by the schema', async () => {
  const schema = z.object({ n: z.number() })
  const app = new Koa().use(verifyWebhook({ secret, schema })).use((ctx) => {
    const n: number = ctx.state.webhook.payload.n
    // @ts-expect-error: no such field
    ctx.state.webhook.payload.other
    ctx.body = String(n)
  })
  const send = await listen(...app.middleware)
  expect((await send(await delivery({ payload: { n: 7 } })))?.text).toBe('7')
})

test('an answer other than 2xx leaves the delivery to the next attempt', async () => {
  let runs = 0
  const send = await listen(verifyWebhook({ secret, idempotency: memoryStore() }), (ctx) => {
    ctx.status = ++runs === 1 ? 500 : 202
  })
  const request = await delivery()
  for (const status of [500, 202, 200]) expect((await send(request))?.status).toBe(status)
  expect(runs).toBe(2)
})

test('a handler that throws releases the claim, whatever the application answers', async () => {
  let runs = 0
  const swallow: Middleware = async (ctx, next) => {
    await next().catch(() => {
      ctx.body = 'swallowed'
    })
  }
  const send = await listen(
    swallow,
    verifyWebhook({ secret, idempotency: memoryStore() }),
    (ctx) => {
      if (++runs === 1) throw new Error('boom')
      ctx.status = 202
    },
  )
  const request = await delivery()
  for (const status of [200, 202, 200]) expect((await send(request))?.status).toBe(status)
  expect(runs).toBe(2)
})

test('a handler that throws after its own answer has handled the delivery', async () => {
  let runs = 0
  const send = await listen(verifyWebhook({ secret, idempotency: memoryStore() }), (ctx) => {
    runs++
    ctx.respond = false
    ctx.res.writeHead(202).end()
    throw new Error('boom')
  })
  const request = await delivery()
  for (const status of [202, 200]) expect((await send(request))?.status).toBe(status)
  expect(runs).toBe(1)
})

test('an answer that breaks off half way is not an answer: it is handled again when the lease has run out', async () => {
  let now = Date.now()
  let runs = 0
  const idempotency = memoryStore({ now: () => now })
  const send = await listen(verifyWebhook({ secret, idempotency }), (ctx) => {
    if (runs++ > 0) {
      ctx.status = 204
      return
    }
    let isHalf = false
    ctx.body = new Readable({
      read() {
        if (isHalf) ctx.res.destroy()
        else this.push('half')
        isHalf = true
      },
    })
  })
  const request = await delivery()
  await send(request)
  expect((await send(request))?.status).toBe(503)
  now += 60_000
  expect((await send(request))?.status).toBe(204)
})

test('without idempotency, a sender that hangs up while the handler is at work is no error', async () => {
  const errors: unknown[] = []
  const app = new Koa().on('error', (error) => errors.push(error))
  let [started, ended] = [(): void => {}, (): void => {}]
  const hasStarted = new Promise<void>((resolve) => (started = resolve))
  const hasEnded = new Promise<void>((resolve) => (ended = resolve))
  const around: Middleware = (_ctx, next) => next().finally(() => setImmediate(ended))
  app
    .use(around)
    .use(verifyWebhook({ secret }))
    .use(async (ctx) => {
      const closed = once(ctx.res, 'close')
      started()
      await closed
      ctx.status = 204
    })
  const request = await delivery()
  const server = await listening(createServer(app.callback()))
  closers.push(() => server.close())
  await server.send({ ...request, cutAfter: request.body.length, cutWhen: hasStarted })
  await hasEnded
  // Koa itself reports that the connection was reset.
  expect(errors.filter((error) => Object(error).code !== 'ECONNRESET')).toEqual([])
})

test('wrong options are a TypeError at once', () => {
  expect(() => verifyWebhook({ secret, tollerance: 1 } as KoaOptions)).toThrow(TypeError)
})
