import { createNoopMeter } from '@opentelemetry/api'
import { Hono } from 'hono'
import { library, telemetry } from '../conformance/package.js'
import { runConformance } from '../conformance/suite.js'

/** Values that a runner sets: as bindings of a Worker, from the environment elsewhere. */
export interface Bindings {
  readonly SECRET: string
  readonly ACCOUNT_URL: string
  readonly ACCOUNT_TOKEN: string
}

const { accountSecret, memoryStore, verifyWebhook, webhookHandler } = library

// Made while the module loads, as most programs do it; a Worker allows little at that time.
const STATIC = 'wh_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo='
const atModuleLevel = webhookHandler({ secret: STATIC }, () => {})

// Bindings exist only per request: the first one makes the source that all of them share.
let source: ReturnType<typeof accountSecret> | undefined
function accountSource({ env }: { env?: Bindings }): ReturnType<typeof accountSecret> {
  source ??= accountSecret({ token: env?.ACCOUNT_TOKEN ?? '', baseUrl: env?.ACCOUNT_URL })
  return source
}

/** One application for every runtime: the suite, and deliveries over HTTP. */
export const app = new Hono<{ Bindings: Bindings }>()
app.get('/conformance', async (c) => {
  const { ACCOUNT_URL: baseUrl, ACCOUNT_TOKEN: token } = c.env
  return c.json(await runConformance(library, { baseUrl, token }))
})
app.post('/bindings', verifyWebhook({ secret: (c) => c.env.SECRET }), async (c) =>
  c.json({ id: c.get('webhook').id, payload: await c.req.json() }),
)
app.post('/account', verifyWebhook({ secret: accountSource }), (c) => c.body(null, 204))
app.post('/static', (c) => atModuleLevel(c.req.raw))

// Always due for a refresh, which goes on behind the answer.
let stale: ReturnType<typeof accountSecret> | undefined
function staleSource({ env }: { env?: Bindings }): ReturnType<typeof accountSecret> {
  const { ACCOUNT_TOKEN: token = '', ACCOUNT_URL: baseUrl } = env ?? {}
  stale ??= accountSecret({ token, baseUrl, maxAge: 0 })
  return stale
}
app.post('/behind', verifyWebhook({ secret: staleSource }), (c) => c.body(null, 204))
app.get('/behind', (c) => c.json(stale?.status()))

app.use('/earlier/*', async (c, next) => {
  await (c.req.path.endsWith('raw') ? c.req.raw.text() : c.req.json())
  await next()
})
app.post('/earlier/:how', verifyWebhook({ secret: (c) => c.env.SECRET }), async (c) =>
  c.json([c.get('webhook').payload, await c.req.json(), await c.req.text()]),
)

// OpenTelemetry's API alone: its SDK does not run everywhere.
const counted: Record<string, number> = {}
const meter = Object.assign(createNoopMeter(), {
  createCounter: (name: string) => ({
    add(value: number, attributes: object) {
      const series = [name, ...Object.values(attributes)].join(' ')
      counted[series] = (counted[series] ?? 0) + value
    },
  }),
})
const observers = telemetry({ meter })
app.post('/observed', verifyWebhook({ secret: (c) => c.env.SECRET, ...observers }), (c) =>
  c.body(null, 204),
)
app.get('/observed', (c) => c.json(counted))

const idempotency = memoryStore()
app.post('/once', verifyWebhook({ secret: (c) => c.env.SECRET, idempotency }), async (c) => {
  await new Promise((resolve) => setTimeout(resolve, 100))
  return c.text('handled', c.req.query('fail') ? 500 : 200)
})
