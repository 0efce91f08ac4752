import { AsyncLocalStorage } from 'node:async_hooks'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import bodyParser from 'body-parser'
import { memoryStore, type WebhookError } from 'countersign'
import { type ExpressOptions, keepRawBody, verifyWebhook } from 'countersign/express'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'
import type { ErrorRequestHandler, Request, Response } from 'express'
import supertest from 'supertest'
import type { Running } from '../contract/contract.js'
import { listening } from '../contract/listening.js'
import { type Incoming, type Outgoing, overSocket } from '../contract/raw-http.js'
import { NOW, SECRET, signed } from '../contract/signed.js'
import { type Express, listen, type Middleware, versions } from './harness.js'

const PRETTY = '{ "name" : "Zo\u00eb",\n "n" : 1.0 }\n'
const running: Running[] = []
afterEach(async () => {
  for (const server of running.splice(0)) await server.close()
})

describe.each(Object.entries(versions))('%s', (_version, express: Express) => {
  /** An app with these in front of the adapter, and what its handler saw. */
  async function start(front: Middleware[], options: Partial<ExpressOptions> = {}) {
    const seen: Request[] = []
    const errors: unknown[] = []
    const app = express()
    const receive = verifyWebhook({ secret: SECRET, now: () => NOW, ...options })
    app.post('/webhooks', ...front, receive, (req, res) => {
      seen.push(req)
      res.sendStatus(204)
    })
    const fail: ErrorRequestHandler = (error, _req, res, _next) => {
      errors.push(error)
      res.sendStatus(500)
    }
    app.use(fail)
    const server = await listen(app)
    running.push(server)
    return { app, seen, errors, send: server.send }
  }

  async function accepts(front: Middleware[], request: Outgoing): Promise<void> {
    const { seen, send } = await start(front, { parse: 'none' })
    expect((await send(request))?.status).toBe(204)
    expect(Buffer.compare(seen[0]?.webhook.body ?? Buffer.of(), request.body)).toBe(0)
  }

  async function refuses(front: Middleware[], request: Outgoing): Promise<Incoming | undefined> {
    const { seen, send } = await start(front)
    const answer = await send(request)
    expect(JSON.parse(answer?.text ?? '')).toMatchObject({ status: 500, code: 'body_unavailable' })
    expect(seen).toHaveLength(0)
    return answer
  }

  describe('text that a parser kept counts only if it is provably the bytes', () => {
    const keepText = (encoding: BufferEncoding) =>
      express.json({
        type: () => true,
        verify: (req, _res, bytes) => Object.assign(req, { rawBody: bytes.toString(encoding) }),
      })
    const text = () => express.text({ type: () => true })

    test('a rawBody string in UTF-8', async () => {
      await accepts([keepText('utf8')], await signed({ body: PRETTY }))
    })
    test('express.text()', async () => {
      await accepts([text()], await signed({ body: PRETTY }))
    })
    test('a tampered delivery behind either is a mismatch', async () => {
      for (const parser of [keepText('utf8'), text()]) {
        const { seen, send } = await start([parser])
        const { headers } = await signed({ body: '{"a":1}' })
        expect((await send({ headers, body: Buffer.from('{"a":2}') }))?.status).toBe(401)
        expect(seen).toHaveLength(0)
      }
    })
    test('not if the length that was sent is unknown', async () => {
      await refuses([keepText('utf8')], { ...(await signed({ body: PRETTY })), chunked: true })
    })
    test.each(['latin1', 'base64', 'hex', 'utf16le'] as const)('not a rawBody in %s', async (e) => {
      await refuses([keepText(e)], await signed({ body: PRETTY }))
    })
    test('not if bytes were replaced', async () => {
      await refuses([text()], await signed({ body: Buffer.from('"\xff\xff\xff"', 'latin1') }))
      // As long as what was sent, but not the same bytes: one byte of three became U+FFFD, two were dropped.
      await refuses([text()], await signed({ body: Buffer.from([0xf0, 0x9f, 0x98]) }))
    })
    test('not if a byte order mark was dropped', async () => {
      await refuses([text()], await signed({ body: '\uFEFF{"a":1}' }))
    })
    test('not if another charset was decoded, even to text of the same length', async () => {
      const typed = async (body: Buffer, type: string): Promise<Outgoing> => {
        const request = await signed({ body })
        const rest = request.headers.filter(([name]) => name !== 'content-type')
        return { ...request, headers: [...rest, ['content-type', type]] }
      }
      const latin = Buffer.from('"Zo\u00eb"', 'latin1')
      await refuses([text()], await typed(latin, 'text/plain; charset=iso-8859-1'))
      // Two bytes per character on the wire; "a" makes one byte of UTF-8, "\u4e00" three.
      const wide = Buffer.from('a\u4e00', 'utf16le')
      await refuses([text()], await typed(wide, 'text/plain; charset=utf-16le'))
      await accepts([text()], await typed(Buffer.from(PRETTY), 'text/plain; Charset="UTF-8"'))
    })
  })

  describe('keepRawBody', () => {
    const everything = { type: () => true, verify: keepRawBody }
    test.each<[string, (options: typeof everything) => Middleware]>([
      ['express.json', (options) => express.json(options)],
      ['express.text', (options) => express.text(options)],
      ['express.urlencoded', (options) => express.urlencoded({ ...options, extended: false })],
      ['body-parser on its own', (options) => bodyParser.json(options)],
    ])('%s keeps the bytes', async (_name, parser) => {
      await accepts([parser(everything)], await signed({ body: PRETTY }))
      await accepts([parser(everything)], { ...(await signed({ body: PRETTY })), chunked: true })
    })
  })

  describe('a parser that keeps nothing', () => {
    test('express.json names both ways out', async () => {
      const answer = await refuses([express.json()], await signed())
      expect(answer?.text).toMatch(/before/)
      expect(answer?.text).toMatch(/express\.json\(\{ verify: keepRawBody \}\)/)
    })
    test('express.urlencoded', async () => {
      const { headers, body } = await signed({ body: 'a=1&b=2' })
      const form = 'application/x-www-form-urlencoded'
      const typed = [...headers.filter(([name]) => name !== 'content-type'), ['content-type', form]]
      const request = { headers: typed as Outgoing['headers'], body }
      await refuses([express.urlencoded({ extended: true })], request)
    })
    test('a stream that was drained into an object, as multer does', async () => {
      const drain: Middleware = (req, _res, next) => {
        req.body = Object.create(null)
        req.on('end', next).resume()
      }
      await refuses([drain], await signed())
    })
    test('a stream that was read in part', async () => {
      const peek: Middleware = (req, _res, next) => {
        req.once('data', () => {
          req.pause()
          next()
        })
      }
      await refuses([peek], await signed({ body: `"${'x'.repeat(100_000)}"` }))
    })
    test("a stream that somebody waits on with 'readable', before any data has come", async () => {
      const wait: Middleware = (req, _res, next) => {
        req.on('readable', () => {})
        next()
      }
      await refuses([wait], await signed({ body: PRETTY }))
    })
    test('a stream that decodes to text', async () => {
      const decode: Middleware = (req, _res, next) => {
        req.setEncoding('utf8')
        next()
      }
      await refuses([decode], await signed({ body: PRETTY }))
      await refuses([decode], { ...(await signed({ body: PRETTY })), chunked: true })
      await accepts([decode], await signed({ body: '' }))
    })
  })

  test('a request that was paused, to wait for something else, is still read', async () => {
    const pause: Middleware = (req, _res, next) => {
      req.pause()
      setImmediate(next)
    }
    await accepts([pause], await signed({ body: PRETTY }))
    await accepts([pause], await signed({ body: `"${'x'.repeat(200_000)}"` }))
  })

  describe('bytes in other places', () => {
    const place = (name: string, as: (bytes: Buffer) => unknown): Middleware[] => [
      express.raw({ type: () => true }),
      (req, _res, next) => {
        const bytes: Buffer = req.body
        req.body = { parsed: true }
        Object.assign(req, { [name]: as(bytes) })
        next()
      },
    ]
    test('rawBody beside a parsed body', async () => {
      await accepts(
        place('rawBody', (bytes) => bytes),
        await signed({ body: PRETTY }),
      )
    })
    test('a Uint8Array or a DataView', async () => {
      const request = await signed({ body: PRETTY })
      await accepts(
        place('body', (bytes) => Uint8Array.from(bytes)),
        request,
      )
      const view = ({ buffer, byteOffset, byteLength }: Buffer) =>
        new DataView(buffer, byteOffset, byteLength)
      await accepts(place('body', view), request)
    })
    test('more than the limit, although it is there already', async () => {
      const { seen, send } = await start([express.raw({ type: () => true })], { maxBodyBytes: 9 })
      expect((await send(await signed({ body: '"12345678"' })))?.status).toBe(413)
      expect((await send(await signed({ body: '"1234567"' })))?.status).toBe(204)
      expect(seen).toHaveLength(1)
    })
  })

  describe('what else the application sees', () => {
    test('the request keeps its own methods: the parsers of Express see that it has been read', async () => {
      const { seen, send } = await start([])
      await send(await signed())
      for (const name of ['on', 'read', 'pipe'])
        expect(Object.hasOwn(seen[0] ?? {}, name)).toBe(false)
    })
    test('the webhook is in res.locals too', async () => {
      const { seen, send } = await start([])
      await send(await signed({ id: 'msg_1' }))
      expect(seen[0]?.res?.locals.webhook).toBe(seen[0]?.webhook)
    })
    test('req.body is the verified payload, and a parser behind leaves it as it is', async () => {
      for (const parser of [express.json(), express.raw({ type: () => true }), express.text()]) {
        const app = express()
        const receive = verifyWebhook({ secret: SECRET, now: () => NOW })
        app.post('/webhooks', receive, parser, (req, res) => {
          res.json(req.body === req.webhook.payload && req.body)
        })
        const server = await listen(app)
        running.push(server)
        expect((await server.send(await signed({ body: '{"a":1}' })))?.text).toBe('{"a":1}')
      }
    })
    test('req.body stays what a parser in front made of it', async () => {
      const request = await signed({ body: '{"a":1}' })
      const parsed = { a: 'one' }
      const parser: Middleware = (req, _res, next) => {
        Object.assign(req, { body: parsed, rawBody: request.body })
        next()
      }
      const { seen, send } = await start([parser])
      expect((await send(request))?.status).toBe(204)
      expect(seen[0]?.body).toBe(parsed)
      expect(seen[0]?.webhook.payload).toEqual({ a: 1 })
    })
    test('the async context of middleware in front reaches the handler', async () => {
      const store = new AsyncLocalStorage<string>()
      const enter: Middleware = (_req, _res, next) => store.run('request 1', next)
      const app = express()
      const receive = verifyWebhook({ secret: SECRET, now: () => NOW })
      app.post('/webhooks', enter, receive, (_req, res) => void res.send(store.getStore()))
      const server = await listen(app)
      running.push(server)
      const request = await signed({ body: `"${'x'.repeat(200_000)}"` })
      expect((await server.send(request))?.text).toBe('request 1')
    })
    test('a secret function gets the request, for many tenants', async () => {
      const secrets: Record<string, string> = { a: generateSecret(), b: generateSecret() }
      const secret: ExpressOptions['secret'] = ({ request }) =>
        secrets[request?.get('tenant') ?? '']
      const { seen, send } = await start([], { secret })
      const status = async (tenant: string, key: string | undefined) => {
        const { headers, body } = await signed({ secret: key ?? '' })
        return (await send({ headers: [...headers, ['tenant', tenant]], body }))?.status
      }
      expect(await status('a', secrets.a)).toBe(204)
      expect(await status('b', secrets.b)).toBe(204)
      expect(await status('b', secrets.a)).toBe(401)
      expect(await status('c', secrets.a)).toBe(503)
      expect(seen).toHaveLength(2)
    })
    test('onReject gets the request and the response, and may take its time', async () => {
      const told: [WebhookError, string][] = []
      const onReject: ExpressOptions['onReject'] = async (error, req, res) => {
        await new Promise(setImmediate)
        told.push([error, req.path])
        res.status(422).json({ no: error.code })
      }
      const { send } = await start([], { onReject })
      const answer = await send(await signed({ secret: generateSecret() }))
      expect(answer).toMatchObject({ status: 422, text: '{"no":"signature_mismatch"}' })
      expect(told).toEqual([[expect.objectContaining({ code: 'signature_mismatch' }), '/webhooks']])
    })
    test('an answer of onReject that says no status has the one of the contract', async () => {
      const onReject: ExpressOptions['onReject'] = (error, _req, res) =>
        res.json({ no: error.code })
      const { send } = await start([], { onReject })
      const answer = await send(await signed({ secret: generateSecret() }))
      expect(answer).toMatchObject({ status: 401, text: '{"no":"signature_mismatch"}' })
    })
    test('an error handler that says no status answers no 2xx', async () => {
      const app = express()
      const now = () => {
        throw new Error('no clock')
      }
      app.post('/webhooks', verifyWebhook({ secret: SECRET, now }))
      const fail: ErrorRequestHandler = (_error, _req, res, _next) => void res.json({ no: true })
      app.use(fail)
      const server = await listen(app)
      running.push(server)
      expect(await server.send(await signed())).toMatchObject({ status: 500, text: '{"no":true}' })
    })
    test.each([undefined, null, '', 0, 'route', 'router'])(
      '%p thrown is no way past',
      async (it) => {
        const onReject = () => {
          throw it
        }
        const { app, seen, errors, send } = await start([], { onReject })
        app.post('/webhooks', (_req, res) => void res.sendStatus(200))
        const answer = await send(await signed({ secret: generateSecret() }))
        expect(answer?.status).toBe(500)
        expect(seen).toHaveLength(0)
        expect(errors).toEqual([expect.objectContaining({ cause: it })])
      },
    )
    test('middleware that wraps writeHead and returns nothing keeps no answer back', async () => {
      const wrap: Middleware = (_req, res, next) => {
        const writeHead = res.writeHead.bind(res) as (...args: unknown[]) => unknown
        Object.assign(res, { writeHead: (...args: unknown[]) => void writeHead(...args) })
        next()
      }
      const { send } = await start([wrap])
      expect((await send(await signed({ secret: generateSecret() })))?.status).toBe(401)
    })
    test('without an error handler of its own, Express answers 500', async () => {
      const app = express()
      app.set('env', 'test')
      const now = () => {
        throw new Error('no clock')
      }
      app.post('/webhooks', verifyWebhook({ secret: SECRET, now }))
      const { send, close } = await listen(app)
      expect((await send(await signed()))?.status).toBe(500)
      await close()
    })
  })

  describe('behind supertest', () => {
    test('text', async () => {
      const { app, seen } = await start([])
      const options = { secret: SECRET, now: () => NOW, body: PRETTY }
      const { headers, text } = await signedRequest(options)
      await supertest(app).post('/webhooks').set(headers).send(text).expect(204)
      expect(seen[0]?.webhook.payload).toEqual(JSON.parse(PRETTY))
    })
    test('bytes, which superagent has to be kept from serialising', async () => {
      const { app, seen } = await start([])
      const { headers, body } = await signedRequest({ secret: SECRET, now: () => NOW })
      const post = supertest(app).post('/webhooks').set(headers)
      await post
        .serialize((bytes) => bytes)
        .send(Buffer.from(body))
        .expect(204)
      expect(seen).toHaveLength(1)
    })
    test('an object, which superagent serialises as JSON.stringify does', async () => {
      const { app } = await start([])
      const payload = { type: 'user.created', n: 1 }
      const { headers } = await signedRequest({ secret: SECRET, now: () => NOW, payload })
      await supertest(app).post('/webhooks').set(headers).send(payload).expect(204)
      const forged = { ...payload, n: 2 }
      await supertest(app).post('/webhooks').set(headers).send(forged).expect(401)
    })
  })
})

describe("in a framework that calls middleware with Node's own response, as Connect does", () => {
  async function connect(
    after: (req: IncomingMessage, res: ServerResponse) => unknown,
    options: Partial<ExpressOptions> = {},
  ) {
    const receive = verifyWebhook({ secret: SECRET, now: () => NOW, ...options })
    const server = await listening(
      createServer((req, res) => receive(req, res as Response, () => void after(req, res))),
    )
    running.push(server)
    return Object.assign(server.send, { port: server.port })
  }
  test('the bytes can be read again, by listeners and by iteration', async () => {
    const body = '{"a":"Zoë"}'
    const iterated = await connect(async (req, res) => {
      let text = ''
      for await (const chunk of req) text += chunk
      res.end(text)
    })
    expect((await iterated(await signed({ body })))?.text).toBe(body)
    const listened = await connect((req, res) => {
      let text = ''
      req.on('data', (chunk) => {
        text += chunk
      })
      req.on('end', () => res.end(text))
    })
    expect((await listened(await signed({ body })))?.text).toBe(body)
  })
  test('request and response carry the webhook', async () => {
    const send = await connect((req, res) => {
      const { webhook, body } = req as Request
      const { locals } = res as Response
      res.end(JSON.stringify([webhook.id, locals.webhook?.id, body]))
    })
    expect((await send(await signed({ id: 'msg_1', body: '{"a":1}' })))?.text).toBe(
      '["msg_1","msg_1",{"a":1}]',
    )
  })
  test('each path is an endpoint of its own', async () => {
    const idempotency = memoryStore()
    const { port } = await connect((_req, res) => res.writeHead(204).end(), { idempotency })
    const request = await signed()
    const statuses: unknown[] = []
    for (const path of ['/a', '/b', '/a?again'])
      statuses.push((await overSocket(port, path)(request))?.status)
    expect(statuses).toEqual([204, 204, 200])
  })
  test('an error of what follows after the answer is printed, and nothing is answered again', async () => {
    const print = jest.spyOn(console, 'error').mockImplementation(() => {})
    const again = jest.fn()
    try {
      const send = await connect((_req, res) => {
        if (!res.headersSent) res.end('mine')
        Object.assign(res, { writeHead: again.mockReturnValue(res) })
        throw new Error('boom')
      })
      expect(await send(await signed())).toMatchObject({ status: 200, text: 'mine' })
      expect(print).toHaveBeenCalledTimes(1)
      expect(again).not.toHaveBeenCalled()
    } finally {
      print.mockRestore()
    }
  })
  test('an error of what follows is printed and answered 500', async () => {
    const print = jest.spyOn(console, 'error').mockImplementation(() => {})
    try {
      const send = await connect(() => {
        throw new Error('boom')
      })
      for (let times = 0; times < 2; times++) expect((await send(await signed()))?.status).toBe(500)
      const line = ['countersign: what follows verifyWebhook failed', new Error('boom')]
      expect(print.mock.calls).toEqual([line, line])
    } finally {
      print.mockRestore()
    }
  })
})
