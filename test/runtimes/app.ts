import { Hono } from 'hono'
import { library } from '../conformance/package.js'
import { runConformance } from '../conformance/suite.js'

/** What a runner hands in: as bindings of a Worker, from the environment elsewhere. */
export interface Bindings {
  readonly SECRET: string
  readonly ACCOUNT_URL: string
  readonly ACCOUNT_TOKEN: string
}

const { accountSecret, verifyWebhook, webhookHandler } = library

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
