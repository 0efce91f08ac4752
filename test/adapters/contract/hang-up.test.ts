import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { getRequestListener } from '@hono/node-server'
import { afterEach, describe, expect, test } from '@jest/globals'
import { type IdempotencyStore, memoryStore } from 'countersign'
import { verifyWebhook as verifyExpress } from 'countersign/express'
import { verifyWebhook as verifyFastify } from 'countersign/fastify'
import { verifyWebhook as verifyHono } from 'countersign/hono'
import { verifyWebhook as verifyKoa } from 'countersign/koa'
import { type NodeOptions, webhookHandler } from 'countersign/node'
import express5 from 'express'
import express4 from 'express4'
import Fastify from 'fastify'
import { Hono } from 'hono'
import Koa3, { type Middleware } from 'koa'
import Koa2 from 'koa2'
import type { Running } from './contract.js'
import { listening } from './listening.js'
import { listeningHttp2 } from './over-http2.js'
import { pipelined } from './raw-http.js'
import { NOW, SECRET, signed } from './signed.js'

interface Usage {
  readonly store: IdempotencyStore
  /** Called at the end of every connection, before the adapter does anything. */
  readonly onClose: () => void
  /** The handler answers 204 when this resolves, and fails if it rejects. */
  readonly handle: () => Promise<void>
}

type Start = (usage: Usage) => Promise<Running>

const express =
  (express: typeof express5): Start =>
  ({ store, onClose, handle }) => {
    const app = express()
    app.use((_req, res, next) => {
      res.on('close', onClose)
      next()
    })
    app.post('/webhooks', verifyExpress({ ...options, idempotency: store }), (_req, res, next) => {
      handle().then(() => res.sendStatus(204), next)
    })
    return listening(createServer(app))
  }

const hono: Start = ({ store, onClose, handle }) => {
  const app = new Hono()
  app.onError((_error, c) => c.text('failed', 500))
  app.post('/webhooks', verifyHono({ ...options, idempotency: store }), async (c) => {
    await handle()
    return c.body(null, 204)
  })
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  return listening(
    createServer((request, response) => {
      response.on('close', onClose)
      listener(request, response)
    }),
  )
}

const options = { secret: SECRET, now: () => NOW }

const watchClose =
  (onClose: () => void): Middleware =>
  (ctx, next) => {
    ctx.res.on('close', onClose)
    return next()
  }

const koa =
  (
    Koa: typeof Koa3,
    listen: (listener: RequestListener) => Promise<Running> = (listener) =>
      listening(createServer(listener)),
  ): Start =>
  ({ store, onClose, handle }) => {
    const app = new Koa()
    app.silent = true
    app.use(watchClose(onClose))
    app.use(verifyKoa({ ...options, idempotency: store })).use(async (ctx) => {
      await handle()
      ctx.status = 204
    })
    return listen(app.callback())
  }

/** The middleware returns before its own answer is sent, as with a library that writes to Node's response. */
const pastKoa: Start = ({ store, onClose, handle }) => {
  const app = new Koa3()
  app.silent = true
  app.use(watchClose(onClose))
  app.use(verifyKoa({ ...options, idempotency: store })).use(async (ctx) => {
    ctx.respond = false
    const handled = handle().then(
      () => 204,
      () => 500,
    )
    handled.then((status) => ctx.res.writeHead(status).end())
    await Promise.race([handled, once(ctx.res, 'close')])
  })
  return listening(createServer(app.callback()))
}

const fastify: Start = async ({ store, onClose, handle }) => {
  const app = Fastify({ forceCloseConnections: true })
  app.addHook('onRequest', async (_request, reply) => void reply.raw.on('close', onClose))
  app.register(verifyFastify({ ...options, idempotency: store }))
  app.post('/webhooks', async (_request, reply) => {
    await handle()
    return reply.code(204).send()
  })
  await app.ready()
  return listening(app.server)
}

const node =
  (listen: (receive: NodeListener) => Promise<Running>): Start =>
  ({ store, onClose, handle }) => {
    const idempotent: NodeOptions = { ...options, idempotency: store, onError: () => {} }
    const receive = webhookHandler<unknown, Req, Res>(idempotent, async (_request, response) => {
      await handle()
      response.writeHead(204).end()
    })
    return listen((request, response) => {
      response.on('close', onClose)
      return receive(request, response)
    })
  }
type NodeListener = (request: Req, response: Res) => Promise<void>
type Req = Parameters<NonNullable<NodeOptions['onError']>>[1]
type Res = Parameters<NonNullable<NodeOptions['onError']>>[2]

/** Frameworks that notice a hang-up before they run the handler. */
const nodeFrameworks: Record<string, Start> = {
  'Express 5': express(express5),
  'Express 4': express(express4 as unknown as typeof express5),
  'Koa 3': koa(Koa3),
  'Koa 2': koa(Koa2),
  // Koa's callback takes requests of either protocol, but its types name only one.
  'Koa 3 over HTTP/2': koa(Koa3, (listener) =>
    listeningHttp2(createHttp2Server(listener as never)),
  ),
  'Fastify 5': fastify,
  'node:http': node((receive) => listening(createServer(receive))),
  'node:http2': node((receive) => listeningHttp2(createHttp2Server(receive))),
}

const frameworks = { ...nodeFrameworks, 'Koa 3, past Koa': pastKoa, 'Hono on Node': hono }

/** Something to wait for. */
function signal(): { readonly given: Promise<void>; give(): void } {
  let give = (): void => {}
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give: () => give() }
}

/** A store that reports when and how a claim ends. */
function watched(store: IdempotencyStore = memoryStore()) {
  const ends: string[] = []
  const ended = signal()
  const watch = (name: 'commit' | 'release'): void => {
    const method = store[name] as (...args: unknown[]) => Promise<boolean>
    Object.assign(store, {
      [name](...args: unknown[]) {
        ends.push(name)
        ended.give()
        return method(...args)
      },
    })
  }
  watch('commit')
  watch('release')
  return { store, ends, ended: ended.given }
}

const servers: Running[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})
async function running(start: Start, usage: Usage): Promise<Running> {
  const server = await start(usage)
  servers.push(server)
  return server
}

/** A delivery whose sender has hung up, and whose handler is still at work. */
async function hungUp(start: Start, now?: () => number) {
  const { store, ends, ended } = watched(memoryStore({ now }))
  const [started, closed] = [signal(), signal()]
  const [late, runs] = [signal(), [] as string[]]
  let fails = false
  const handle = async (): Promise<void> => {
    runs.push('began')
    started.give()
    if (runs.length > 1) return
    await late.given
    if (fails) throw new Error('boom')
  }
  const server = await running(start, { store, handle, onClose: closed.give })
  const request = await signed({ id: 'msg_1' })
  const sent = server.send({ ...request, cutAfter: request.body.length, cutWhen: started.given })
  await Promise.all([sent, closed.given])
  return {
    ends,
    runs,
    again: () => server.send(request),
    async end(how: 'well' | 'badly') {
      fails = how === 'badly'
      late.give()
      await ended
    },
  }
}

describe.each(Object.entries(frameworks))('%s: a sender that hangs up', (_name, start) => {
  test('while the handler runs: no other handler runs beside it, and its success counts', async () => {
    const { ends, runs, again, end } = await hungUp(start)
    for (let attempt = 0; attempt < 3; attempt++) {
      const answer = await again()
      expect(answer?.status).toBe(503)
      expect(Number(answer?.headers.get('retry-after'))).toBeGreaterThan(0)
    }
    expect(ends).toEqual([])
    await end('well')
    expect(ends).toEqual(['commit'])
    expect((await again())?.status).toBe(200)
    expect(runs).toHaveLength(1)
  })
  test('while a handler runs that fails: the next attempt is handled', async () => {
    const { ends, runs, again, end } = await hungUp(start)
    expect((await again())?.status).toBe(503)
    await end('badly')
    expect(ends).toEqual(['release'])
    expect((await again())?.status).toBe(204)
    expect(runs).toHaveLength(2)
  })
  test('while a handler runs that outlives its lease: one other handler for each lease', async () => {
    let now = NOW
    const { ends, runs, again, end } = await hungUp(start, () => now)
    now += 59_000
    expect((await again())?.status).toBe(503)
    now += 1_000
    expect((await again())?.status).toBe(204)
    await end('well')
    expect((await again())?.status).toBe(200)
    expect(runs).toHaveLength(2)
    expect(ends[0]).toBe('commit')
  })
})

describe.each(Object.entries(nodeFrameworks))('%s: a sender that hangs up', (_name, start) => {
  test('before the claim is there: released, and the handler never runs', async () => {
    const [asked, closed] = [signal(), signal()]
    const inner = memoryStore()
    const slow: IdempotencyStore = {
      ...inner,
      async claim(...args) {
        asked.give()
        await closed.given
        return inner.claim(...args)
      },
    }
    const { store, ends, ended } = watched(slow)
    let runs = 0
    const handle = async (): Promise<void> => void runs++
    const server = await running(start, { store, handle, onClose: closed.give })
    const request = await signed({ id: 'msg_1' })
    await server.send({ ...request, cutAfter: request.body.length, cutWhen: asked.given })
    await ended
    expect({ runs, ends }).toEqual({ runs: 0, ends: ['release'] })
    expect((await server.send(request))?.status).toBe(204)
    expect(runs).toBe(1)
  })
})

const overHttp1 = Object.entries(frameworks).filter(([name]) => !/http\/?2/i.test(name))

/** A store that never answers the claim of one delivery. */
function silentAbout(id: string): IdempotencyStore {
  const inner = memoryStore()
  return {
    ...inner,
    claim: (key, claim) =>
      key.endsWith(id) ? new Promise<never>(() => {}) : inner.claim(key, claim),
  }
}

/**
 * A delivery that was sent behind another one, which is never answered. Only the second reaches a handler, because the two are verified
 * at the same time and may overtake each other.
 */
async function sentBehind(start: Start, handle: () => Promise<void> = async () => {}) {
  const { store, ends, ended } = watched(silentAbout('msg_0'))
  const [started, closed, cut] = [signal(), signal(), signal()]
  let runs = 0
  const server = await running(start, {
    store,
    onClose: closed.give,
    handle() {
      runs++
      started.give()
      return handle()
    },
  })
  const [first, second] = [await signed({ id: 'msg_0' }), await signed({ id: 'msg_1' })]
  const sent = server.send(pipelined(first, second, cut.given))
  await started.given
  return {
    ends,
    ended,
    again: () => server.send(second),
    runs: () => runs,
    async hangUp() {
      cut.give()
      await Promise.all([sent, closed.given])
    },
  }
}

async function hungUpBehind(start: Start, handle?: () => Promise<void>) {
  const delivery = await sentBehind(start, handle)
  await delivery.hangUp()
  return delivery
}

describe.each(overHttp1)(
  '%s: a sender that hangs up before it is the turn of its delivery',
  (_name, start) => {
    test('while the handler runs: no other handler runs beside it, and its success counts', async () => {
      const late = signal()
      const { ends, ended, again, runs } = await hungUpBehind(start, () => late.given)
      expect((await again())?.status).toBe(503)
      expect(ends).toEqual([])
      late.give()
      await ended
      expect(ends).toEqual(['commit'])
      expect((await again())?.status).toBe(200)
      expect(runs()).toBe(1)
    })
    test('while a handler runs that fails: the next attempt is handled', async () => {
      const late = signal()
      let isFirst = true
      const { ends, ended, again, runs } = await hungUpBehind(start, async () => {
        if (!isFirst) return
        isFirst = false
        await late.given
        throw new Error('boom')
      })
      late.give()
      await ended
      expect(ends).toEqual(['release'])
      expect((await again())?.status).toBe(204)
      expect(runs()).toBe(2)
    })
    test('long after its handler has answered: its success counts at once', async () => {
      const { ends, ended, again, runs, hangUp } = await sentBehind(start)
      await ended
      expect(ends).toEqual(['commit'])
      expect((await again())?.status).toBe(200)
      await hangUp()
      expect(runs()).toBe(1)
    })
    test('after its handler has answered: its success counts', async () => {
      const { ends, ended, again, runs } = await hungUpBehind(start)
      await ended
      expect(ends).toEqual(['commit'])
      expect((await again())?.status).toBe(200)
      expect(runs()).toBe(1)
    })
  },
)
