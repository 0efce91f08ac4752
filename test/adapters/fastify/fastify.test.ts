import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, test } from '@jest/globals'
import { isWebhookError, memoryStore } from 'countersign'
import { type FastifyOptions, verifyWebhook } from 'countersign/fastify'
import { generateSecret } from 'countersign/sign'
import { type SignedRequestOptions, signedRequest } from 'countersign/testing'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'

const secret = generateSecret()
const payload = { type: 'ping', n: 1 }

const apps: FastifyInstance[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close()
})

function create(): FastifyInstance {
  const app = Fastify({ forceCloseConnections: true })
  apps.push(app)
  return app
}

/** One app: `/webhooks` verified in a scope of its own, and an ordinary route beside it. */
function createApp(options: Partial<FastifyOptions> = {}): FastifyInstance {
  const app = create()
  app.register(async (scope) => {
    scope.register(verifyWebhook({ secret, ...options }))
    scope.post('/webhooks', async ({ body, webhook }) => ({ id: webhook.id, body }))
  })
  app.post('/orders', async (request) => ({ body: request.body, webhook: request.webhook }))
  return app
}

interface Sent {
  readonly method: string
  readonly url: string
  readonly headers?: Record<string, string>
  readonly body?: Uint8Array | string
}

// Over a socket: what inject(app, ) is made of cannot be loaded by Jest under CommonJS.
async function inject(app: FastifyInstance, { url, body, ...init }: Sent) {
  if (!app.server.listening) await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const sent = { ...init, ...(body !== undefined && { body: body as string }) }
  const response = await fetch(`http://127.0.0.1:${port}${url}`, sent)
  const text = await response.text()
  const headers = Object.fromEntries(response.headers)
  return { statusCode: response.status, headers, body: text, json: () => JSON.parse(text) }
}

async function delivery(
  options: Partial<Omit<SignedRequestOptions, 'payload'>> = {},
  url = '/webhooks',
) {
  const { body, headers } = await signedRequest({
    secret,
    body: JSON.stringify(payload),
    ...options,
  })
  return { method: 'POST', url, headers: { ...headers }, body }
}
const forgery = () => delivery({ secret: generateSecret() })

describe('the scope of the plugin', () => {
  test('other routes keep their content-type parsers and are not verified', async () => {
    const app = createApp()
    const json = await inject(app, {
      method: 'POST',
      url: '/orders',
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    })
    expect(json.json()).toEqual({ body: { a: 1 } })
    const headers = { 'content-type': 'application/x-unknown' }
    const other = await inject(app, { method: 'POST', url: '/orders', body: 'x', headers })
    expect(other.statusCode).toBe(415)
  })
  test('registered at the root, it verifies every route, whichever came first', async () => {
    const app = create()
    app.post('/before', async () => 'ran')
    app.register(verifyWebhook({ secret }))
    app.post('/after', async () => 'ran')
    for (const url of ['/before', '/after']) {
      expect((await inject(app, { method: 'POST', url, body: '{}' })).statusCode).toBe(400)
      expect((await inject(app, await delivery({}, url))).body).toBe('ran')
    }
  })
  test('a prefix, and two scopes with secrets of their own', async () => {
    const app = create()
    const secrets = { a: generateSecret(), b: generateSecret() }
    for (const [name, secret] of Object.entries(secrets)) {
      const routes = async (scope: FastifyInstance) => {
        scope.register(verifyWebhook({ secret }))
        scope.post('/webhooks', async (request) => request.webhook.id)
      }
      app.register(routes, { prefix: `/${name}` })
    }
    for (const [name, secret] of Object.entries(secrets)) {
      const send = async (to: string) =>
        inject(app, await delivery({ secret, id: 'msg_1' }, `/${to}/webhooks`))
      expect((await send(name)).body).toBe('msg_1')
      expect((await send(name === 'a' ? 'b' : 'a')).statusCode).toBe(401)
    }
  })
  test('a prefix for the plugin itself would change nothing: refused, with what to write', async () => {
    const app = create()
    app.register(verifyWebhook({ secret }), { prefix: '/webhooks' })
    await expect(app.ready().then()).rejects.toThrow(/inside a scope/)
  })
  test('the scope has the plugin and its decorator, so that other plugins can depend on them', async () => {
    const app = create()
    const seen: boolean[] = []
    const look = (scope: FastifyInstance): void =>
      void seen.push(scope.hasPlugin('countersign'), scope.hasRequestDecorator('webhook'))
    app.register(async (scope) => {
      await scope.register(verifyWebhook({ secret }))
      look(scope)
    })
    app.register(async (scope) => look(scope))
    await app.ready()
    expect(seen).toEqual([true, true, false, false])
    expect(app.printPlugins()).toMatch(/[─┬] countersign \d+ ms$/m)
  })
  test('a Fastify that is too old refuses the plugin when it starts', async () => {
    const app = Object.defineProperty(create(), 'version', { value: '4.27.9' })
    app.register(verifyWebhook({ secret }))
    await expect(app.ready().then()).rejects.toThrow(/countersign .*'>=4\.28'/)
  })
  test('every method of the scope is verified, those without a body too', async () => {
    const app = create()
    let ran = 0
    app.register(verifyWebhook({ secret }))
    app.all('/webhooks', async () => {
      ran++
      return 'ran'
    })
    for (const method of ['GET', 'DELETE', 'PUT', 'PATCH', 'OPTIONS', 'HEAD'] as const) {
      expect((await inject(app, { method, url: '/webhooks' })).statusCode).toBe(400)
    }
    expect(ran).toBe(0)
  })
  test('registered twice in one scope: the second verifies the same bytes again', async () => {
    const app = create()
    app.register(verifyWebhook({ secret }))
    app.register(verifyWebhook({ secret }))
    app.post('/webhooks', async () => 'ran')
    expect((await inject(app, await delivery())).body).toBe('ran')
  })
})

describe('parsers that the scope gets afterwards read the verified bytes', () => {
  const keepText = async (_request: FastifyRequest, text: string | Buffer) => text.toString()
  const readAll = async (_request: FastifyRequest, stream: AsyncIterable<Uint8Array>) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of stream) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }
  const JSON_TYPE = 'application/json'
  const parsers: Record<string, (scope: FastifyInstance) => unknown> = {
    'as text': (scope) => scope.addContentTypeParser(JSON_TYPE, { parseAs: 'string' }, keepText),
    'as a Buffer': (scope) =>
      scope.addContentTypeParser(JSON_TYPE, { parseAs: 'buffer' }, keepText),
    'from the stream': (scope) => scope.addContentTypeParser(JSON_TYPE, readAll),
    'for whatever arrives': (scope) => {
      scope.removeContentTypeParser('*')
      scope.addContentTypeParser('*', { parseAs: 'string' }, keepText)
    },
  }
  const text = '{ "name" : "Zo\u00eb" }\n'

  test.each(Object.entries(parsers))('%s, in the same scope', async (_name, addParser) => {
    const app = create()
    app.register(async (scope) => {
      await scope.register(verifyWebhook({ secret }))
      addParser(scope)
      scope.post('/webhooks', async ({ body, webhook }) => ({ body, payload: webhook.payload }))
    })
    const answer = await inject(app, await delivery({ body: text }))
    expect(answer.json()).toEqual({ body: text, payload: { name: 'Zo\u00eb' } })
    expect((await inject(app, await forgery())).statusCode).toBe(401)
  })
  test.each(Object.entries(parsers))('%s, in a scope within', async (_name, addParser) => {
    const app = create()
    app.register(verifyWebhook({ secret }))
    app.register(async (scope) => {
      addParser(scope)
      scope.post('/webhooks', async ({ body }) => ({ body }))
    })
    expect((await inject(app, await delivery({ body: text }))).json()).toEqual({ body: text })
    expect((await inject(app, await delivery({ body: '' }))).statusCode).toBe(200)
  })
})

describe('what the handler gets', () => {
  test('request.body is the verified payload, and the route’s own schema applies to it', async () => {
    const app = create()
    app.register(verifyWebhook({ secret }))
    const schema = { body: { type: 'object', required: ['type'] } }
    app.post<{ Body: typeof payload }>('/webhooks', { schema }, async (request) => {
      const n: number = request.webhook.payload.n
      return { n, same: request.body === request.webhook.payload }
    })
    expect((await inject(app, await delivery())).json()).toEqual({ n: 1, same: true })
    const other = await inject(app, await delivery({ body: '{"no":"type"}' }))
    expect(other.json()).toMatchObject({ statusCode: 400, code: 'FST_ERR_VALIDATION' })
  })
  test('secret functions and onReject get Fastify’s own request', async () => {
    const urls: (string | undefined)[] = []
    const app = createApp({
      secret: ({ request }) => {
        urls.push(request?.url)
        return secret
      },
      onReject: (_error, request) => void urls.push(request.url),
    })
    await inject(app, await forgery())
    expect(urls).toEqual(['/webhooks', '/webhooks'])
  })
})

test('bytes that an earlier hook kept on Fastify’s own request are used if the stream is spent', async () => {
  const app = create()
  app.register(async (scope) => {
    scope.addHook('onRequest', async (request) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of request.raw) chunks.push(chunk)
      Object.assign(request, { rawBody: Buffer.concat(chunks) })
    })
    scope.register(verifyWebhook({ secret }))
    scope.post('/webhooks', async ({ webhook }) => webhook.payload)
  })
  const answer = await inject(app, await delivery({ body: '{ "n" : 1.0 }' }))
  expect([answer.statusCode, answer.body]).toEqual([200, '{"n":1}'])
})

describe('a refusal', () => {
  test('is an error with statusCode, code and headers for setErrorHandler', async () => {
    const app = createApp({ secret: () => undefined })
    app.setErrorHandler((error: Error & { statusCode: number; code: string }, _request, reply) => {
      expect(isWebhookError(error)).toBe(true)
      // Other error handlers read these; the message must not reach the sender.
      expect(error).toMatchObject({
        status: 503,
        expose: false,
        headers: { 'cache-control': 'no-store', 'retry-after': expect.stringMatching(/^\d+$/) },
      })
      const { statusCode, code } = error
      return reply.code(statusCode).send({ mine: code })
    })
    const answer = await inject(app, await delivery())
    expect(answer.statusCode).toBe(503)
    expect(answer.json()).toEqual({ mine: 'secret_unavailable' })
    expect(answer.headers['content-type']).toContain('application/json')
  })
  test('is a problem document by default, with the headers of the contract', async () => {
    const answer = await inject(createApp({ secret: () => undefined }), await delivery())
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'retry-after': expect.stringMatching(/^\d+$/),
      'content-length': String(answer.body.length),
    })
  })
  test('keeps its status if an error handler sets none', async () => {
    const app = createApp({ secret: () => undefined })
    app.setErrorHandler(async (error: Error & { code: string }) => ({ mine: error.code }))
    const answer = await inject(app, await delivery())
    expect([answer.statusCode, answer.json()]).toEqual([503, { mine: 'secret_unavailable' }])
  })
  test('is answered past an error handler with the arguments of Express, as NestJS sets it', async () => {
    const app = createApp()
    let calls = 0
    const handler = (_error: unknown, _request: unknown, _reply: unknown, _next: unknown) => calls++
    app.setErrorHandler(handler as never)
    const answer = await inject(app, await forgery())
    expect([answer.statusCode, answer.json(), calls]).toMatchObject([
      401,
      { code: 'signature_mismatch' },
      0,
    ])
    expect(answer.headers['content-type']).toBe('application/problem+json')
  })
  test.each<[string, (error: Error & Record<string, unknown>) => object]>([
    ['begins', ({ statusCode, code }) => ({ statusCode, code, message: 'mine' })],
    ['ends', ({ message }) => ({ mine: true, message })],
  ])('keeps an answer of the error handler that %s as Fastify’s own does', async (_how, mine) => {
    const app = createApp()
    let given: object | undefined
    app.setErrorHandler(async (error: Error & Record<string, unknown>) => {
      given = mine(error)
      return given
    })
    const answer = await inject(app, await forgery())
    expect(given).toBeDefined()
    expect(answer.json()).toEqual(given)
    expect(answer.headers['content-type']).toContain('application/json')
  })
  test.each<[string, () => unknown]>([
    ['bytes', () => Buffer.from('mine')],
    ['a stream', () => Readable.from(['mi', 'ne'], { objectMode: false })],
  ])('keeps an answer of the error handler that is %s', async (_form, mine) => {
    const app = createApp()
    app.setErrorHandler((_error, _request, reply) => void reply.send(mine()))
    const { statusCode, body } = await inject(app, await forgery())
    expect([statusCode, body]).toEqual([401, 'mine'])
  })
  test('passes through onError hooks, once', async () => {
    const app = createApp()
    const codes: unknown[] = []
    app.addHook('onError', async (_request, _reply, error) => void codes.push(error.code))
    await inject(app, await forgery())
    expect(codes).toEqual(['signature_mismatch'])
  })
})

describe('onReject', () => {
  type Answers = NonNullable<FastifyOptions['onReject']>
  const ways: Record<string, Answers> = {
    'sends and returns the reply': (_error, _request, reply) => reply.code(418).send('mine'),
    'sends and returns nothing': (_error, _request, reply) => {
      reply.code(418).send('mine')
    },
    'sends later, and returns nothing': async (_error, _request, reply) => {
      await turn()
      reply.code(418).send('mine')
    },
    'sends a stream': (_error, _request, reply) => {
      reply.code(418).send(Readable.from(['mi', 'ne'], { objectMode: false }))
    },
    'answers past Fastify': (_error, _request, reply) => {
      reply.hijack()
      reply.raw.writeHead(418).end('mine')
    },
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve))

  test.each(Object.entries(ways))('%s: that is the answer', async (_name, onReject) => {
    const app = create()
    const errors: unknown[] = []
    let sent = 0
    let ran = 0
    app.addHook('onError', async (_request, _reply, error) => void errors.push(error))
    // As sessions and caches do: the answer is under way for a while.
    app.addHook('onSend', async (_request, _reply, payload) => {
      sent++
      await turn()
      await turn()
      return payload
    })
    app.register(verifyWebhook({ secret, onReject }))
    app.post('/webhooks', async () => ran++)
    const { statusCode, body } = await inject(app, await forgery())
    expect({ statusCode, body, errors, ran }).toEqual({
      statusCode: 418,
      body: 'mine',
      errors: [],
      ran: 0,
    })
    expect(sent).toBeLessThanOrEqual(1)
  })
  test('an answer without a status has that of the contract', async () => {
    const onReject: Answers = ({ code }, _request, reply) => reply.send({ mine: code })
    const answer = await inject(createApp({ onReject }), await forgery())
    expect([answer.statusCode, answer.json()]).toEqual([401, { mine: 'signature_mismatch' }])
  })
  test('a status alone is no answer', async () => {
    const onReject: Answers = (_error, _request, reply) => void reply.code(403)
    expect((await inject(createApp({ onReject }), await forgery())).json()).toMatchObject({
      status: 401,
      code: 'signature_mismatch',
    })
  })
  test('a status alone does not change that of an error handler that sets none', async () => {
    const onReject: Answers = (_error, _request, reply) => void reply.code(403)
    const app = createApp({ onReject })
    app.setErrorHandler(async (error: Error & { code: string }) => ({ mine: error.code }))
    const answer = await inject(app, await forgery())
    expect([answer.statusCode, answer.json()]).toEqual([401, { mine: 'signature_mismatch' }])
  })
})

describe('idempotency', () => {
  test('an answer other than 2xx leaves the delivery to the next attempt', async () => {
    let runs = 0
    const app = create()
    app.register(verifyWebhook({ secret, idempotency: memoryStore() }))
    app.post('/webhooks', async (_request, reply) => reply.code(++runs === 1 ? 500 : 202).send())
    const request = await delivery()
    for (const status of [500, 202, 200]) {
      expect((await inject(app, request)).statusCode).toBe(status)
    }
    expect(runs).toBe(2)
  })
  test('ids are unique within the route and its parameters', async () => {
    const store = memoryStore()
    const keys: string[] = []
    const idempotency = {
      ...store,
      claim: (...args: Parameters<typeof store.claim>) => {
        keys.push(args[0])
        return store.claim(...args)
      },
    }
    const app = create()
    app.register(verifyWebhook({ secret, idempotency }))
    app.post('/t/:tenant/webhooks', async () => 'ran')
    for (const url of ['/t/a/webhooks', '/t/b/webhooks', '/t/%61/webhooks?x=1']) {
      await inject(app, await delivery({ id: 'msg_1' }, url))
    }
    expect(keys[0]).not.toBe(keys[1])
    expect(keys[2]).toBe(keys[0])
  })
})

test('wrong options are a TypeError at once', () => {
  expect(() => verifyWebhook({ secret, tollerance: 1 } as FastifyOptions)).toThrow(TypeError)
})
