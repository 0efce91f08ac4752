import { createServer } from 'node:http'
import { afterEach, expect, test } from '@jest/globals'
import Router, { type RouterMiddleware } from '@koa/router'
import { memoryStore } from 'countersign'
import { verifyWebhook } from 'countersign/koa'
import Koa, { type Middleware } from 'koa'
import type { Running } from '../contract/contract.js'
import { listening } from '../contract/listening.js'
import { overSocket } from '../contract/raw-http.js'
import { settledStore } from '../contract/settled-store.js'
import { NOW, SECRET, signed } from '../contract/signed.js'

const servers: Running[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

/** Statuses of one delivery at each spelling of the path, and of the same with another body. */
async function statuses(mount: (router: Router, verify: RouterMiddleware) => void) {
  const router = new Router({ prefix: '/hooks' })
  // @koa/router has types of its own for the same function.
  mount(router, verifyWebhook({ secret: SECRET, now: () => NOW }) as RouterMiddleware)
  const server = await listening(createServer(new Koa().use(router.routes()).callback()))
  servers.push(server)
  const authentic = await signed()
  const forged = { ...authentic, body: Buffer.from('{"amount":900}') }
  const seen: unknown[] = []
  for (const path of ['/hooks/alpha', '/HOOKS/alpha']) {
    const send = overSocket(server.port, path)
    seen.push((await send(authentic))?.status, (await send(forged))?.status)
  }
  return seen
}

const answer: RouterMiddleware = (ctx) => {
  ctx.status = 204
}

test('on the route of a router with a prefix, every spelling is verified', async () => {
  const seen = await statuses((router, verify) => router.post('/:tenant', verify, answer))
  expect(seen).toEqual([204, 401, 204, 401])
})

test('router.use of a router with a prefix is passed over in another case, which the documents warn of', async () => {
  const seen = await statuses((router, verify) => router.use(verify).post('/:tenant', answer))
  expect(seen).toEqual([204, 401, 204, 204])
})

/** As koa-mount does it: inside, the path has lost the prefix. */
function mounted(prefix: string, inner: Middleware): Middleware {
  return async (ctx, next) => {
    if (!ctx.path.startsWith(`${prefix}/`)) return next()
    const { path } = ctx
    ctx.path = path.slice(prefix.length)
    await inner(ctx, next)
    ctx.path = path
  }
}

test('one receiver in a router that is mounted at two paths has two endpoints', async () => {
  const idempotency = settledStore()
  const verify = verifyWebhook({ secret: SECRET, now: () => NOW, idempotency }) as RouterMiddleware
  const routes = new Router().post('/:tenant', verify, answer).routes() as unknown as Middleware
  const app = new Koa().use(mounted('/v1', routes)).use(mounted('/v2', routes))
  const server = await listening(createServer(app.callback()))
  servers.push(server)
  const request = await signed({ id: 'msg_1' })
  const seen: unknown[] = []
  for (const path of ['/v1/a', '/v2/a', '/v1/a?x=1', '/v1/a#x', '/v2/b', '/v2/A']) {
    seen.push((await overSocket(server.port, path)(request))?.status)
    await idempotency.settled()
  }
  expect(seen).toEqual([204, 204, 200, 200, 204, 200])
})

test('behind a route for every path, the endpoint is the route that verifies', async () => {
  const idempotency = memoryStore()
  const verify = verifyWebhook({ secret: SECRET, now: () => NOW, idempotency }) as RouterMiddleware
  const router = new Router()
    .post('/{*path}', (_, next) => next())
    .post('/hooks/a', verify, answer)
    .post('/hooks/b', verify, answer)
  const server = await listening(createServer(new Koa().use(router.routes()).callback()))
  servers.push(server)
  const request = await signed({ id: 'msg_1' })
  const seen: unknown[] = []
  for (const path of ['/hooks/a', '/hooks/b'])
    seen.push((await overSocket(server.port, path)(request))?.status)
  expect(seen).toEqual([204, 204])
})

/** Statuses of one delivery at these paths, one after the other. */
async function replays(
  mount: (router: Router, verify: RouterMiddleware) => unknown,
  paths: readonly string[],
  front: Middleware = (_ctx, next) => next(),
) {
  const idempotency = settledStore()
  const router = new Router()
  mount(router, verifyWebhook({ secret: SECRET, now: () => NOW, idempotency }) as RouterMiddleware)
  const routes = router.routes() as unknown as Middleware
  const server = await listening(createServer(new Koa().use(front).use(routes).callback()))
  servers.push(server)
  const request = await signed({ id: 'msg_1' })
  const seen: unknown[] = []
  for (const path of paths) {
    seen.push((await overSocket(server.port, path)(request))?.status)
    await idempotency.settled()
  }
  return seen
}

test('the remainder of a wildcard does not count, and the named parameter in front of it does', async () => {
  const seen = await replays(
    (router, verify) => router.post('/:tenant_Id2/{*rest}', verify, answer),
    ['/a/x', '/a/y', '/b/x'],
  )
  expect(seen).toEqual([204, 200, 204])
})

test('routes of other methods on the same path do not count', async () => {
  const seen = await replays(
    (router, verify) => router.post('/hooks/{*rest}', verify, answer).get('/hooks/:id', answer),
    ['/hooks/x', '/hooks/y'],
  )
  expect(seen).toEqual([204, 200])
})

test('a path that was rewritten in front of the router is the same endpoint', async () => {
  const rewrite: Middleware = (ctx, next) => {
    if (/^\/old$|\/legacy$/.test(ctx.path)) ctx.path = '/hooks/a'
    return next()
  }
  const seen = await replays(
    (router, verify) => router.post('/hooks/:tenant', verify, answer),
    ['/old', '/hooks/a', '/hooks/a/legacy', '/hooks/b'],
    rewrite,
  )
  expect(seen).toEqual([204, 200, 200, 204])
})

test('in router.use, where no parameter is known yet, the path counts, whatever the parameter is called', async () => {
  for (const name of ['tenant', 'constructor']) {
    const seen = await replays(
      (router, verify) => router.use(verify).post(`/hooks/:${name}`, answer),
      ['/hooks/a', '/hooks/a', '/hooks/b'],
    )
    expect(seen).toEqual([204, 200, 204])
  }
})
