import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type IdempotencyStore, memoryStore } from 'countersign'
import { verifyWebhook } from 'countersign/express'
import express5 from 'express'
import express4 from 'express4'
import { overSocket } from '../contract/raw-http.js'
import { settledStore } from '../contract/settled-store.js'
import { NOW, SECRET, signed } from '../contract/signed.js'

type Express = typeof express5

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function listen(app: express5.Express): Promise<number> {
  const server = createServer(app)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000 && !isSo(); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  expect(isSo()).toBe(true)
}

/** A store that reports how claims ended. */
function watched(inner = memoryStore()): { store: IdempotencyStore; ends: string[] } {
  const ends: string[] = []
  const store: IdempotencyStore = {
    ...inner,
    commit(key, claim) {
      ends.push('commit')
      return inner.commit(key, claim)
    },
    release(key, claim) {
      ends.push('release')
      return inner.release(key, claim)
    },
  }
  return { store, ends }
}

/** Sends a delivery whole, and hands out the way to hang up. */
async function sendAndHold(port: number): Promise<() => void> {
  const { headers, body } = await signed({ id: 'msg_1' })
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.write(
    `POST /webhooks HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n${lines}\r\n`,
  )
  socket.write(body)
  return () => void socket.resetAndDestroy()
}

const options = { secret: SECRET, now: () => NOW }

describe.each([
  ['5', express5],
  ['4', express4 as unknown as Express],
])('idempotency in Express %s', (_, express) => {
  test('a sender that hangs up before the claim is there: released, and the handler never runs', async () => {
    const { store, ends } = watched()
    let answerClaim: (() => void) | undefined
    const slow: IdempotencyStore = {
      ...store,
      claim: async (...args) => {
        await new Promise<void>((resolve) => {
          answerClaim = resolve
        })
        return store.claim(...args)
      },
    }
    let closed = false
    let ran = false
    const app = express()
    app.use((_req, res, next) => {
      res.on('close', () => {
        closed = true
      })
      next()
    })
    app.post('/webhooks', verifyWebhook({ ...options, idempotency: slow }), (_req, res) => {
      ran = true
      res.sendStatus(204)
    })
    const hangUp = await sendAndHold(await listen(app))
    await until(() => answerClaim !== undefined)
    hangUp()
    await until(() => closed)
    answerClaim?.()
    await until(() => ends.length > 0)
    expect({ ran, ends }).toEqual({ ran: false, ends: ['release'] })
  })

  test('a sender that leaves before it has read the whole answer: the work still counts as done', async () => {
    const { store, ends } = watched()
    let isAnswered = false
    const app = express()
    app.post('/webhooks', verifyWebhook({ ...options, idempotency: store }), (_req, res) => {
      res.end(Buffer.alloc(50_000_000))
      isAnswered = true
    })
    const hangUp = await sendAndHold(await listen(app))
    await until(() => isAnswered)
    expect(ends).toEqual([])
    hangUp()
    await until(() => ends.length > 0)
    expect(ends).toEqual(['commit'])
  })

  test('an answer that breaks off half way is not an answer: it is handled again when the lease has run out', async () => {
    let now = NOW
    const { store, ends } = watched(memoryStore({ now: () => now }))
    const app = express()
    let runs = 0
    app.post('/webhooks', verifyWebhook({ ...options, idempotency: store }), (_req, res) => {
      if (runs++ > 0) return void res.sendStatus(204)
      res.writeHead(200, { 'content-length': '100' })
      res.write('half', () => res.destroy())
    })
    const send = overSocket(await listen(app))
    const request = await signed()
    await send(request)
    expect((await send(request))?.status).toBe(503)
    now += 60_000
    expect((await send(request))?.status).toBe(204)
    expect(ends).toEqual(['commit'])
  })

  test.each([300, 404, 409, 500, 503])('an answer of %i releases', async (status) => {
    const { store, ends } = watched()
    const app = express()
    app.post('/webhooks', verifyWebhook({ ...options, idempotency: store }), (_req, res) => {
      res.sendStatus(status)
    })
    await overSocket(await listen(app))(await signed())
    await until(() => ends.length > 0)
    expect(ends).toEqual(['release'])
  })

  let idempotency = settledStore()
  beforeEach(() => {
    idempotency = settledStore()
  })

  /** Statuses of the same delivery at these paths, one after the other. */
  async function statuses(app: express5.Express, paths: string[]): Promise<unknown[]> {
    const port = await listen(app)
    const seen: unknown[] = []
    for (const path of paths) {
      seen.push((await overSocket(port, path)(await signed({ id: 'msg_1' })))?.status)
      await idempotency.settled()
    }
    return seen
  }
  const handle: express5.RequestHandler = (_req, res) => void res.sendStatus(204)
  const spellings = ['/webhooks', '/webhooks?x=1', '/webhooks/', '/WebHooks']

  test('on a route, no spelling of the path makes a replay look new', async () => {
    const app = express()
    app.post('/webhooks', verifyWebhook({ ...options, idempotency }), handle)
    expect(await statuses(app, spellings)).toEqual([204, 200, 200, 200])
  })

  test('with app.use, no spelling of the path makes a replay look new', async () => {
    const app = express()
    app.use('/webhooks', verifyWebhook({ ...options, idempotency }), handle)
    expect(await statuses(app, spellings)).toEqual([204, 200, 200, 200])
  })

  test('in front of several routes, a delivery that was sent to each of them reaches each of them', async () => {
    const app = express()
    app.use('/webhooks', verifyWebhook({ ...options, idempotency }))
    app.post('/webhooks/orders', handle)
    app.post('/webhooks/users', handle)
    const paths = ['/webhooks/orders', '/webhooks/users', '/webhooks/orders', '/webhooks/users/']
    expect(await statuses(app, paths)).toEqual([204, 204, 200, 200])
  })

  test('two endpoints with one store are two, and so are two tenants of one route', async () => {
    const webhook = verifyWebhook({ ...options, idempotency })
    const app = express()
    const router = express.Router()
    router.post('/in', webhook, handle)
    app.use('/v1', router)
    app.use('/v2', router)
    app.post('/tenants/:tenant', webhook, handle)
    const paths = ['/v1/in', '/v2/in', '/v1/in', '/tenants/a', '/tenants/b', '/tenants/a/']
    expect(await statuses(app, paths)).toEqual([204, 204, 200, 204, 204, 200])
  })

  test('one receiver that is mounted at two paths has two endpoints, although Express cuts the mount path off', async () => {
    const webhook = verifyWebhook({ ...options, idempotency })
    const app = express()
    app.use('/v1', webhook, handle)
    app.use('/v2', webhook, handle)
    const paths = ['/v1/in', '/v2/in', '/v1/in', '/v2/IN/']
    expect(await statuses(app, paths)).toEqual([204, 204, 200, 200])
  })

  test('scope says otherwise', async () => {
    const scoped = {
      store: idempotency,
      scope: ({ request }: { request?: express5.Request }) => String(request?.query.account),
    }
    const app = express()
    app.post('/webhooks', verifyWebhook({ ...options, idempotency: scoped }), handle)
    const paths = ['/webhooks?account=1', '/webhooks?account=2', '/webhooks?account=1&x']
    expect(await statuses(app, paths)).toEqual([204, 204, 200])
  })
})
