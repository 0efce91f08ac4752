import { createServer } from 'node:http'
import { afterEach, expect, test } from '@jest/globals'
import Router, { type RouterMiddleware } from '@koa/router'
import { verifyWebhook } from 'countersign/koa'
import Koa from 'koa'
import type { Running } from '../contract/contract.js'
import { listening } from '../contract/listening.js'
import { overSocket } from '../contract/raw-http.js'
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
