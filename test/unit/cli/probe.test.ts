import { serve } from '@hono/node-server'
import { afterEach, expect, test } from '@jest/globals'
import { memoryStore } from 'countersign'
import { verifyWebhook } from 'countersign/express'
import { verifyWebhook as verifyFastify } from 'countersign/fastify'
import { webhookHandler as fetchHandler } from 'countersign/fetch'
import { verifyWebhook as verifyHono } from 'countersign/hono'
import { verifyWebhook as verifyKoa } from 'countersign/koa'
import { webhookHandler } from 'countersign/node'
import { generateSecret } from 'countersign/sign'
import express, { type RequestHandler } from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { Webhook } from 'standardwebhooks'
import type { ProbeResult } from '../../../src/cli/probing/probe-case.js'
import { type Listening, listening, listeningTcp } from '../../support/listening-server.js'
import { testTerminal } from '../../support/test-terminal.js'

const secret = generateSecret({ prefix: 'whsec_' })
const env = { COUNTERSIGN_SECRET: secret }
let endpoint: Listening | undefined
let end: (() => unknown) | undefined

afterEach(async () => {
  await endpoint?.close()
  await end?.()
  endpoint = undefined
  end = undefined
})

interface Card {
  readonly ok: boolean
  readonly headline: string
  readonly cases: readonly ProbeResult[]
  readonly exitCode: number
}

async function probe(url: string): Promise<Card> {
  const terminal = testTerminal(env)
  const exitCode = await terminal.run('probe', url, '--json')
  expect(terminal.errors).toEqual([])
  return { ...JSON.parse(terminal.printed.join('')), exitCode }
}

function wrong({ cases }: Card): string[] {
  return cases.filter(({ verdict }) => verdict !== 'right').map(({ name }) => name)
}

async function expectAllRight(url: string): Promise<void> {
  const card = await probe(url)
  expect(wrong(card)).toEqual([])
  expect(card).toMatchObject({ ok: true, exitCode: 0, headline: 'Every answer was right.' })
  expect(card.cases.length).toBeGreaterThanOrEqual(30)
}

const on = async (handler: RequestHandler | RequestHandler[]): Promise<string> => {
  const app = express()
  app.post('/webhooks', handler)
  endpoint = await listening(app)
  return `${endpoint.url}/webhooks`
}

test('node, with idempotency: all right', async () => {
  const receive = webhookHandler({ secret, idempotency: memoryStore() }, (_, response) => {
    response.writeHead(204).end()
  })
  endpoint = await listening(receive)
  await expectAllRight(endpoint.url)
})

test('Express: all right', async () => {
  await expectAllRight(await on([verifyWebhook({ secret }), (_, res) => void res.sendStatus(204)]))
})

test('Koa: all right', async () => {
  const app = new Koa()
  app.use(verifyKoa({ secret }))
  app.use((context) => {
    context.status = 204
  })
  endpoint = await listening(app.callback())
  await expectAllRight(endpoint.url)
})

test('Fastify: all right', async () => {
  const app = fastify()
  app.register(async (scope) => {
    scope.register(verifyFastify({ secret }))
    scope.post('/', async (_, reply) => reply.code(204).send())
  })
  end = () => app.close()
  await expectAllRight(await app.listen({ port: 0, host: '127.0.0.1' }))
})

test('Hono, and fetch handlers: all right', async () => {
  const handle = fetchHandler({ secret }, () => new Response(null, { status: 204 }))
  const app = new Hono()
  app.post('/hono', verifyHono({ secret }), (c) => c.body(null, 204))
  app.post('/fetch', (c) => handle(c.req.raw))
  const port = await new Promise<number>((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve(port),
    )
    end = () => new Promise((resolve) => server.close(resolve))
  })
  await expectAllRight(`http://127.0.0.1:${port}/hono`)
  await expectAllRight(`http://127.0.0.1:${port}/fetch`)
})

test('a route that does not verify: the card says so plainly', async () => {
  const card = await probe(
    await on([express.json({ strict: false }), (_, res) => void res.sendStatus(200)]),
  )
  expect(card.headline).toMatch(/^This endpoint does not verify signatures/)
  expect(card.exitCode).toBe(1)
  expect(wrong(card)).toEqual(
    expect.arrayContaining(['no-headers', 'wrong-key', 'tampered-body', 'stale']),
  )
})

/** The reference library as its users mount it. */
const standard = new Webhook(secret)
function verifying(bodyOf: (body: unknown) => string | Buffer): RequestHandler {
  return (req, res) => {
    try {
      standard.verify(bodyOf(req.body), req.headers as Record<string, string>)
      res.sendStatus(204)
    } catch {
      res.sendStatus(400)
    }
  }
}

test('a route that serialises the body again', async () => {
  const card = await probe(
    await on([express.json({ limit: '1mb' }), verifying((body) => JSON.stringify(body))]),
  )
  expect(card.headline).toContain('parsed and serialised again')
  expect(wrong(card)).toEqual(
    expect.arrayContaining(['authentic-unusual-json', 'authentic-newline', 'tampered-space']),
  )
})

test('a route without a timestamp check', async () => {
  const later: RequestHandler = (req, res) => {
    const { 'webhook-id': id, 'webhook-timestamp': time } = req.headers
    const at = new Date(Number(time) * 1000)
    const isSigned =
      Buffer.isBuffer(req.body) &&
      Number(time) > 0 &&
      String(req.headers['webhook-signature'])
        .split(' ')
        .includes(standard.sign(String(id), at, req.body.toString()))
    res.sendStatus(isSigned ? 204 : 401)
  }
  const card = await probe(await on([express.raw({ type: '*/*', limit: '1mb' }), later]))
  expect(card.headline).toContain('does not check webhook-timestamp')
  expect(wrong(card)).toEqual(expect.arrayContaining(['stale', 'stale-for-a-day', 'future']))
  expect(wrong(card)).not.toContain('wrong-key')
})

test('standardwebhooks behind express.raw(): its leniencies show, and no fault', async () => {
  const card = await probe(
    await on([express.raw({ type: '*/*', limit: '1mb' }), verifying((body) => body as Buffer)]),
  )
  const lenient = card.cases.filter(({ verdict }) => verdict === 'lenient')
  expect(lenient.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'timestamp-and-more',
      'timestamp-fraction',
      'signature-and-more',
      'moved-cut',
    ]),
  )
  expect(card.headline).toMatch(/more lenient than the standard|with \d+ fault/)
  expect(card.exitCode).toBe(1)
})

test('another secret, another path, a crash: named', async () => {
  const other = webhookHandler({ secret: generateSecret() }, (_, res) => res.end())
  endpoint = await listening(other)
  expect((await probe(endpoint.url)).headline).toContain('does not accept authentic deliveries')
  await endpoint.close()
  endpoint = await listening((_, response) => response.writeHead(404).end())
  expect((await probe(endpoint.url)).headline).toContain('no webhook route')
  await endpoint.close()
  const crashing = webhookHandler(
    { secret, onReject: () => Promise.reject(new Error('x')), onError() {} },
    (_, res) => res.end(),
  )
  endpoint = await listening(crashing)
  const card = await probe(endpoint.url)
  expect(card.headline).toMatch(/^This endpoint verifies, with \d+ faults\.$/)
  expect(card.cases.find(({ name }) => name === 'wrong-key')).toMatchObject({
    got: 'failed',
    status: 500,
    verdict: 'fault',
  })
})

test('the card for people: each case with its meaning, wrong ones with the fix', async () => {
  const terminal = testTerminal(env)
  const url = await on((_, res) => void res.sendStatus(200))
  expect(await terminal.run('probe', url)).toBe(1)
  const wrongKey = terminal.printed.find((text) => text.includes('wrong-key')) ?? ''
  expect(wrongKey).toMatch(
    /^✗ FAULT .*accepted 200, expected: refused\n .*does not verify.*\n +Fix: /,
  )
  expect(terminal.printed.at(-1)).toMatch(/^This endpoint does not verify/)
  for (const { means, fix, name } of (await probe(url)).cases) {
    expect([name, means.match(/[.?](\s|$)/g)?.length]).toEqual([name, 2])
    if (fix) expect(fix).toMatch(/\.$/)
  }
})

test.each([
  ['no answer', 'http://127.0.0.1:1/', 'nothing listens'],
  ['another machine', 'http://example.com/', 'add --remote'],
  ['a name that only looks local', 'http://127.0.0.1.example.com/', 'add --remote'],
])('%s: one line, 2', async (_, url, message) => {
  const terminal = testTerminal(env)
  expect(await terminal.run('probe', url)).toBe(2)
  expect(terminal.errors).toEqual([expect.stringContaining(message)])
})

test('an endpoint that resets is one line', async () => {
  endpoint = await listeningTcp((socket) => socket.resetAndDestroy())
  const terminal = testTerminal(env)
  expect(await terminal.run('probe', endpoint.url)).toBe(2)
  expect(terminal.errors).toHaveLength(1)
})
