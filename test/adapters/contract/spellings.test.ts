import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { afterEach, describe, expect, test } from '@jest/globals'
import Router, { type RouterMiddleware } from '@koa/router'
import { memoryStore } from 'countersign'
import { verifyWebhook as verifyExpress } from 'countersign/express'
import { verifyWebhook as verifyFastify } from 'countersign/fastify'
import { verifyWebhook as verifyHono } from 'countersign/hono'
import { verifyWebhook as verifyKoa } from 'countersign/koa'
import { webhookHandler as nodeHandler } from 'countersign/node'
import express5 from 'express'
import express4 from 'express4'
import Fastify from 'fastify'
import { Hono } from 'hono'
import Koa3 from 'koa'
import Koa2 from 'koa2'
import type { Running } from './contract.js'
import { listening } from './listening.js'
import { overSocket } from './raw-http.js'
import { NOW, SECRET, signed } from './signed.js'

type Listening = Awaited<ReturnType<typeof listening>>

/** How often a handler has run. */
interface Runs {
  count: number
}

interface Setup {
  /** Listens with one handler that counts its runs. */
  readonly start: (runs: Runs) => Promise<Listening>
  /** The path that an honest sender uses. */
  readonly path: string
  /** Other ways to get to the same handler, each with the same delivery. What is not routed is not handled either. */
  readonly spellings: readonly string[]
  /** Another endpoint of the same application, whose deliveries are its own. Without one, every path is the same endpoint. */
  readonly other?: string
}

const usual = () => ({ secret: SECRET, now: () => NOW, idempotency: memoryStore() })

/** Ways to write `/hooks/alpha`. */
const SPELLINGS = [
  '/hooks/Alpha',
  '/HOOKS/alpha',
  '/hooks/alpha/',
  '/hooks//alpha',
  '//hooks/alpha',
  '/hooks/%61lpha',
  '/hooks/%41lpha',
  '/hooks/%2561lpha',
  '/hooks/%252561lpha',
  '/hooks/./alpha',
  '/hooks/x/../alpha',
  '/x/%2e%2e/hooks/alpha',
  '/x/%2E%2e/hooks/alpha',
  '/x/%252e%252e/hooks/alpha',
  '/hooks%2Falpha',
  '/hooks%5Calpha',
  '/hooks\\alpha',
  '/hooks/alpha%20',
  '/hooks/%20alpha',
  '/hooks/alpha%09',
  '/hooks/alpha%00',
  '/hooks/alpha%C2%A0',
  '/hooks/alpha%E2%80%8B',
  '/hooks/%EF%BD%81lpha',
  '/hooks/alpha;jsessionid=1',
  '/hooks;v=1/alpha',
  '/hooks/alpha?x=1',
  '/hooks/alpha?x=/../b',
  'http://elsewhere.example/hooks/alpha',
  'HTTPS://elsewhere.example:8443/hooks/alpha?x',
]

/** A catch-all route has no other endpoint beside it: whatever the path, it is one. */
const ANY_PATH = [...SPELLINGS, '/', '/hooks/beta', '/a/b/c', '/%', '/hooks/alpha/beta']

type Express = typeof express5

function express(
  express: Express,
  mount: (app: express5.Express, handlers: express5.RequestHandler[]) => void,
) {
  return (runs: Runs): Promise<Listening> => {
    const app = express()
    mount(app, [
      verifyExpress(usual()),
      (_req, res) => {
        runs.count++
        res.sendStatus(204)
      },
    ])
    return listening(createServer(app))
  }
}

function expressSetups(express_: Express, catchAll: string, rest: string): Record<string, Setup> {
  const post = (path: string | string[] | RegExp) =>
    express(express_, (app, handlers) => void app.post(path, ...handlers))
  const tenants = { path: '/hooks/alpha', spellings: SPELLINGS, other: '/hooks/beta' }
  return {
    'a route': { start: post('/hooks/alpha'), path: '/hooks/alpha', spellings: SPELLINGS },
    'a parameter': { start: post('/hooks/:tenant'), ...tenants },
    'a parameter behind a router that is mounted': {
      start: express(express_, (app, handlers) => {
        const router = express_.Router()
        router.post('/:tenant', ...handlers)
        app.use('/hooks', router)
      }),
      ...tenants,
    },
    'a router that is mounted on a parameter': {
      start: express(express_, (app, handlers) => {
        const router = express_.Router()
        router.post('/', ...handlers)
        app.use('/hooks/:tenant', router)
      }),
      ...tenants,
    },
    'an application that is mounted': {
      start: express(express_, (app, handlers) => {
        const inner = express_()
        inner.post('/:tenant', ...handlers)
        app.use('/hooks', inner)
      }),
      ...tenants,
    },
    'a regular expression with a name': {
      start: post(/^\/hooks\/(?<tenant>[^/]+)\/?$/i),
      ...tenants,
    },
    'app.use': {
      start: express(express_, (app, handlers) => void app.use('/hooks', ...handlers)),
      ...tenants,
    },
    'app.use for every path': {
      start: express(express_, (app, handlers) => void app.use(...handlers)),
      ...tenants,
    },
    'a catch-all route': { start: post(catchAll), path: '/hooks/alpha', spellings: ANY_PATH },
    'a remainder': {
      start: post(`/hooks${rest}`),
      path: '/hooks/alpha',
      spellings: [...SPELLINGS, '/hooks/beta', '/hooks/a/b'],
    },
    'a parameter and a remainder': {
      start: post(`/hooks/:tenant${rest}`),
      path: '/hooks/alpha/x',
      spellings: ['/hooks/alpha/y', '/hooks/Alpha/z', '/hooks/alpha%20/x/y', '/hooks/alpha/x/'],
      other: '/hooks/beta/x',
    },
    'a catch-all regular expression': {
      start: post(/.*/),
      path: '/hooks/alpha',
      spellings: ANY_PATH,
    },
    'a catch-all regular expression with a name': {
      start: post(/^\/(?<any>.*)$/),
      path: '/hooks/alpha',
      spellings: ANY_PATH,
    },
  }
}

const hono =
  (build: (app: Hono, runs: () => void) => void) =>
  (runs: Runs): Promise<Listening> => {
    const app = new Hono()
    build(app, () => runs.count++)
    return listening(createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false })))
  }

const honoRoute = (path: string, basePath = '/') =>
  hono((app, run) => {
    app.basePath(basePath).post(path, verifyHono(usual()), (c) => {
      run()
      return c.body(null, 204)
    })
  })

const honoBehind = (middleware: string, route: string) =>
  hono((app, run) => {
    app.use(middleware, verifyHono(usual()))
    app.post(route, (c) => {
      run()
      return c.body(null, 204)
    })
  })

const tenants = { path: '/hooks/alpha', spellings: SPELLINGS, other: '/hooks/beta' }
const everyPath = { path: '/hooks/alpha', spellings: ANY_PATH }

const honoSetups: Record<string, Setup> = {
  'a parameter': { start: honoRoute('/hooks/:tenant'), ...tenants },
  'a parameter behind a base path': { start: honoRoute('/:tenant', '/hooks'), ...tenants },
  'a sub-application': {
    start: hono((app, run) => {
      const inner = new Hono()
      inner.post('/:tenant', verifyHono(usual()), (c) => {
        run()
        return c.body(null, 204)
      })
      app.route('/hooks', inner)
    }),
    ...tenants,
  },
  'a parameter behind app.use': { start: honoBehind('/hooks/*', '/hooks/:tenant'), ...tenants },
  'a parameter behind app.use for every path': {
    start: honoBehind('/*', '/hooks/:tenant'),
    ...tenants,
  },
  'app.use that answers': {
    start: hono((app, run) => {
      app.use('/hooks/*', verifyHono(usual()), async (c, _next) => {
        run()
        return c.body(null, 204)
      })
    }),
    ...tenants,
  },
  'a remainder': {
    start: honoRoute('/hooks/*'),
    path: '/hooks/alpha',
    spellings: [...SPELLINGS, '/hooks/beta', '/hooks/a/b', '/hooks'],
  },
  'a named remainder': {
    start: honoRoute('/hooks/:rest{.+}'),
    path: '/hooks/alpha',
    spellings: [...SPELLINGS, '/hooks/beta', '/hooks/a/b'],
  },
  'a catch-all route': { start: honoRoute('*'), ...everyPath },
  'a catch-all route behind app.use': { start: honoBehind('/*', '*'), ...everyPath },
}

const fastify =
  (path: string) =>
  async (runs: Runs): Promise<Listening> => {
    const app = Fastify({
      forceCloseConnections: true,
      routerOptions: {
        ignoreTrailingSlash: true,
        caseSensitive: false,
        ignoreDuplicateSlashes: true,
      },
    })
    app.register(verifyFastify(usual()))
    app.post(path, async (_request, reply) => {
      runs.count++
      return reply.code(204).send()
    })
    await app.ready()
    return listening(app.server)
  }

const fastifySetups: Record<string, Setup> = {
  'a route': { start: fastify('/hooks/alpha'), path: '/hooks/alpha', spellings: SPELLINGS },
  'a parameter': { start: fastify('/hooks/:tenant'), ...tenants },
  'a remainder': {
    start: fastify('/hooks/*'),
    path: '/hooks/alpha',
    spellings: [...SPELLINGS, '/hooks/beta', '/hooks/a/b'],
  },
  'a catch-all route': { start: fastify('/*'), ...everyPath },
}

const koa =
  (Koa: typeof Koa3, use: (app: Koa3, handlers: Koa3.Middleware[]) => void) =>
  (runs: Runs): Promise<Listening> => {
    const app = new Koa()
    app.silent = true
    use(app, [
      verifyKoa(usual()),
      (ctx) => {
        runs.count++
        ctx.status = 204
      },
    ])
    return listening(createServer(app.callback()))
  }

const koaRouter = (Koa: typeof Koa3, path: string) =>
  koa(Koa, (app, handlers) => {
    const router = new Router()
    router.post(path, ...(handlers as RouterMiddleware[]))
    app.use(router.routes())
  })

const koaSetups = (Koa: typeof Koa3): Record<string, Setup> => ({
  'every path': {
    start: koa(Koa, (app, handlers) => {
      for (const handler of handlers) app.use(handler)
    }),
    ...tenants,
  },
  'a parameter of @koa/router': { start: koaRouter(Koa, '/hooks/:tenant'), ...tenants },
  'router.use in front of a parameter of @koa/router': {
    start: koa(Koa, (app, [verify, handler]) => {
      const router = new Router()
      router.use(verify as RouterMiddleware)
      router.post('/hooks/:tenant', handler as RouterMiddleware)
      app.use(router.routes())
    }),
    ...tenants,
  },
  'a remainder of @koa/router': {
    start: koaRouter(Koa, '/hooks/*rest'),
    path: '/hooks/alpha',
    spellings: [...SPELLINGS, '/hooks/beta', '/hooks/a/b'],
  },
})

/** Routes as servers without a framework do. */
const node =
  (routes: (url: string) => boolean) =>
  (runs: Runs): Promise<Listening> => {
    const receive = nodeHandler(usual(), (_request, response) => {
      runs.count++
      response.writeHead(204).end()
    })
    return listening(
      createServer((request, response) => {
        if (routes(request.url ?? '')) receive(request, response)
        else response.writeHead(404).end()
      }),
    )
  }

const nodeSetups: Record<string, Setup> = {
  'new URL': {
    start: node((url) => new URL(url, 'http://localhost').pathname === '/hooks/alpha'),
    path: '/hooks/alpha',
    spellings: [
      ...SPELLINGS,
      '/./hooks/alpha',
      '/a/../hooks/alpha',
      '//x/hooks/alpha',
      '///x/hooks/alpha',
      '/\\x/hooks/alpha',
      '/b/%2e%2e/hooks/alpha',
      '/hooks/.%2e/hooks/alpha',
    ],
  },
  'every path': {
    start: node(() => true),
    ...tenants,
    spellings: SPELLINGS.filter((url) => !url.startsWith('//')),
  },
}

const servers: Running[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

const frameworks: Record<string, Record<string, Setup>> = {
  'Express 5': expressSetups(express5, '/{*any}', '/*rest'),
  'Express 4': expressSetups(express4 as unknown as Express, '*', '/:rest(*)'),
  Hono: honoSetups,
  'Fastify 5': fastifySetups,
  'Koa 3': koaSetups(Koa3),
  'Koa 2': koaSetups(Koa2 as unknown as typeof Koa3),
  'node:http': nodeSetups,
}

describe.each(Object.entries(frameworks))(
  '%s: no spelling of a path makes a replay look new',
  (_name, setups) => {
    test.each(Object.entries(setups))(
      '%s',
      async (_arrangement, { start, path, spellings, other }) => {
        const runs: Runs = { count: 0 }
        const server = await start(runs)
        servers.push(server)
        const { port } = server
        const request = await signed({ id: 'msg_1' })
        expect((await overSocket(port, path)(request))?.status).toBe(204)
        expect(runs.count).toBe(1)
        const handledAgain: string[] = []
        for (const spelling of spellings) {
          const before = runs.count
          await overSocket(port, spelling)(request)
          if (runs.count > before) handledAgain.push(spelling)
        }
        expect(handledAgain).toEqual([])
        if (!other) return
        expect((await overSocket(port, other)(request))?.status).toBe(204)
        expect((await overSocket(port, other)(request))?.status).toBe(200)
      },
    )
  },
)
