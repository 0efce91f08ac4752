// NestJS on Express and on Fastify, in every way that docs/adapters.md shows. Each version's folder hands in its own packages.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verifyWebhook as expressVerify } from 'countersign/express'
import { verifyWebhook as fastifyVerify } from 'countersign/fastify'
import { assertKeepsContract, BODY, post, SECRET } from '../support.mjs'

const options = { secret: SECRET }

export function nestSuite({ common, NestFactory, FastifyAdapter, ExpressAdapter }) {
  const { Controller, HttpCode, Module, Post, Req } = common
  const logged = []
  const logger = Object.fromEntries(
    ['log', 'error', 'warn', 'debug', 'verbose', 'fatal'].map((level) => [
      level,
      (...args) => level === 'error' && logged.push(args),
    ]),
  )

  /** An application with a webhook route and another one; `find` takes the webhook out of the request. */
  async function start(t, adapter, { find = (req) => req.webhook, configure, ...setup } = {}) {
    const seen = []
    class Hooks {
      receive(request) {
        seen.push(find(request))
      }
      other() {
        return 'other'
      }
    }
    const decorate = (name, path) => {
      const descriptor = Object.getOwnPropertyDescriptor(Hooks.prototype, name)
      Post(path)(Hooks.prototype, name, descriptor)
      HttpCode(path === 'webhooks' ? 204 : 200)(Hooks.prototype, name, descriptor)
    }
    Req()(Hooks.prototype, 'receive', 0)
    decorate('receive', 'webhooks')
    decorate('other', 'other')
    Controller()(Hooks)
    class App {
      configure(consumer) {
        configure?.(consumer)
      }
    }
    Module({ controllers: [Hooks] })(App)
    const app = await NestFactory.create(App, adapter, { logger, ...setup.options })
    await setup.before?.(app)
    await app.listen(0, '127.0.0.1')
    t.after(() => app.close())
    logged.length = 0
    return { url: (await app.getUrl()).replace('[::1]', '127.0.0.1'), seen }
  }

  async function assertWorks({ url, seen }, parser = false) {
    await assertKeepsContract((request) => post(`${url}/webhooks`, request), { parser })
    assert.equal(seen.length, 1)
    assert.equal(Buffer.from(seen[0].body).toString(), BODY)
    assert.deepEqual(logged, [])
  }
  async function assertOtherRoutesAreFree({ url }) {
    const { status, text } = await post(`${url}/other`, {
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })
    assert.deepEqual([status, text], [200, 'other'])
  }
  const middleware = (consumer) => consumer.apply(expressVerify(options)).forRoutes('webhooks')

  test('on Express, as middleware of a module, with rawBody', async (t) => {
    const app = await start(t, new ExpressAdapter(), {
      configure: middleware,
      options: { rawBody: true },
    })
    await assertWorks(app, true)
    await assertOtherRoutesAreFree(app)
  })
  test('on Express, in front of Nest’s own parsers', async (t) => {
    const app = await start(t, new ExpressAdapter(), {
      before: (app) => app.use('/webhooks', expressVerify(options)),
    })
    await assertWorks(app)
    await assertOtherRoutesAreFree(app)
  })
  test('on Fastify, as middleware of a module: the delivery is in request.raw.webhook', async (t) => {
    const app = await start(t, new FastifyAdapter(), {
      configure: middleware,
      find: (request) => request.raw.webhook,
    })
    await assertWorks(app)
    await assertOtherRoutesAreFree(app)
  })
  test('on Fastify, the plugin at the root: every route is verified', async (t) => {
    const app = await start(t, new FastifyAdapter(), {
      before: (app) => app.register(fastifyVerify(options)),
    })
    await assertWorks(app)
  })
  test('on Fastify, the plugin in a scope of its own, beside Nest’s routes', async (t) => {
    const handled = []
    const app = await start(t, new FastifyAdapter(), {
      before: (app) =>
        app.register(async (scope) => {
          await scope.register(fastifyVerify(options))
          scope.post('/own', async (request, reply) => {
            handled.push(request.webhook)
            return reply.code(204).send()
          })
        }),
    })
    await assertKeepsContract((request) => post(`${app.url}/own`, request))
    assert.equal(handled.length, 1)
    assert.deepEqual(logged, [])
    await assertOtherRoutesAreFree(app)
  })
}
