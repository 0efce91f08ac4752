import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { afterEach, describe, expect, test } from '@jest/globals'
import { type IdempotencyStore, memoryStore } from 'countersign'
import { verifyWebhook as verifyFastify } from 'countersign/fastify'
import { verifyWebhook as verifyKoa } from 'countersign/koa'
import { type NodeOptions, webhookHandler } from 'countersign/node'
import Fastify from 'fastify'
import Koa3 from 'koa'
import Koa2 from 'koa2'
import type { Running } from './contract.js'
import { listening } from './listening.js'
import { listeningHttp2 } from './over-http2.js'
import { NOW, SECRET, signed } from './signed.js'

interface Usage {
  readonly store: IdempotencyStore
  /** Told of the end of every connection, before and whatever the adapter does. */
  readonly onClose: () => void
  /** The handler answers 204 when this resolves. */
  readonly handle: () => Promise<void>
}

type Start = (usage: Usage) => Promise<Running>

const options = { secret: SECRET, now: () => NOW }

const koa =
  (Koa: typeof Koa3): Start =>
  ({ store, onClose, handle }) => {
    const app = new Koa()
    app.silent = true
    app.use((ctx, next) => {
      ctx.res.on('close', onClose)
      return next()
    })
    app.use(verifyKoa({ ...options, idempotency: store })).use(async (ctx) => {
      await handle()
      ctx.status = 204
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
    const idempotent: NodeOptions = { ...options, idempotency: store }
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

const frameworks: Record<string, Start> = {
  'Koa 3': koa(Koa3),
  'Koa 2': koa(Koa2),
  'Fastify 5': fastify,
  'node:http': node((receive) => listening(createServer(receive))),
  'node:http2': node((receive) => listeningHttp2(createHttp2Server(receive))),
}

/** Something to wait for. */
function signal(): { readonly given: Promise<void>; give(): void } {
  let give = (): void => {}
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give: () => give() }
}

/** A store that tells when a claim has ended, and how. */
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

describe.each(Object.entries(frameworks))('%s: a sender that hangs up', (_name, start) => {
  test('while the handler runs: released, and a late answer commits nothing', async () => {
    const { store, ends, ended } = watched()
    const [started, late, answered] = [signal(), signal(), signal()]
    const handle = async (): Promise<void> => {
      started.give()
      await late.given
      answered.give()
    }
    const server = await running(start, { store, handle, onClose: () => {} })
    const request = await signed({ id: 'msg_1' })
    const sent = server.send({ ...request, cutAfter: request.body.length, cutWhen: started.given })
    await started.given
    expect(ends).toEqual([])
    await sent
    await ended
    late.give()
    await answered.given
    expect(ends).toEqual(['release'])
    expect((await server.send(request))?.status).toBe(204)
  })
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
