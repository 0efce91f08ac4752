// Checked by the compiler, not run.
import type { SecretContext, Webhook } from 'countersign'
import { type AccountSecret, accountSecret } from 'countersign/account'
import {
  type HonoContext,
  type HonoOptions,
  verifyWebhook,
  type WebhookVariables,
} from 'countersign/hono'
import { Hono, type MiddlewareHandler } from 'hono'
import { hc } from 'hono/client'
import { every } from 'hono/combine'
import { createFactory, createMiddleware } from 'hono/factory'
import { z } from 'zod'
import { type Equal, expectType } from './equal.js'

interface Bindings {
  WEBHOOK_SECRET: string
  TOKEN: string
  KV: { get(key: string): Promise<string | null> }
}
interface Ping {
  type: 'ping'
}
type Env = { Bindings: Bindings; Variables: { user: string } }
const secret = accountSecret({ token: 'token' })
const schema = z.object({ type: z.literal('user.created'), n: z.number().transform(String) })
type Parsed = { type: 'user.created'; n: string }
const app = new Hono<Env>()

// Without a schema nothing is known of the payload; what the application knows stays known.
app.post('/:tenant', verifyWebhook({ secret: ({ env }) => env.WEBHOOK_SECRET }), (c) => {
  expectType<Equal<typeof c.var.webhook, Webhook>>()
  expectType<Equal<typeof c.env.TOKEN, string>>()
  const texts: string[] = [c.get('user'), c.req.param('tenant'), c.get('webhook').id]
  return c.json(texts)
})

// A schema types it by what it puts out, a type argument by what the application vouches for.
app.post('/', verifyWebhook({ secret, schema }), (c) => {
  const { payload } = c.get('webhook')
  expectType<Equal<typeof payload, Parsed>>()
  return c.json(payload)
})
app.post('/', verifyWebhook<Ping>({ secret }), (c) => {
  expectType<Equal<typeof c.var.webhook.payload, Ping>>()
  return c.body(null, 204)
})

// Bindings: as they come, typed by the application, looked up, and behind one source for all.
let source: AccountSecret | undefined
const secrets: HonoOptions['secret'][] = [
  (c) => c.env.WEBHOOK_SECRET,
  ({ env }: SecretContext & { env?: Bindings }) => env?.WEBHOOK_SECRET,
  async ({ env, request }) => (env as Bindings).KV.get(request?.param('tenant') ?? ''),
  ({ env }) => (source ??= accountSecret({ token: env.TOKEN })),
]
for (const one of secrets) app.post('/', verifyWebhook({ secret: one }), (c) => c.text('ok'))

// Every other way to mount it.
const chained = new Hono()
  .use('/hooks/*', verifyWebhook({ secret, schema }))
  .post('/hooks/a', (c) => c.json({ n: c.get('webhook').payload.n }))
const named = new Hono<{ Variables: WebhookVariables<Parsed> }>()
named.use(verifyWebhook({ secret, schema }))
named.post('/', (c) => c.text(c.get('webhook').payload.n))
const tenant = createMiddleware<{ Variables: { tenant: string } }>((_c, next) => next())
app.post('/', tenant, verifyWebhook({ secret, schema }), tenant, (c) =>
  c.text(c.get('tenant') + c.get('webhook').payload.n + c.get('user')),
)
const factory = createFactory<Env>()
app.post(
  '/',
  ...factory.createHandlers(verifyWebhook({ secret, schema }), (c) =>
    c.text(c.get('webhook').payload.n + c.env.TOKEN),
  ),
)
app.on('POST', ['/a', '/b'], verifyWebhook({ secret, schema }), (c) =>
  c.text(c.get('webhook').payload.n),
)
app.post('/', every(verifyWebhook({ secret }), tenant), (c) => c.text('ok'))
const middleware: MiddlewareHandler[] = [verifyWebhook({ secret }), verifyWebhook<Ping>({ secret })]
app.use(...middleware)

// The typed client sees the handler's answer.
export async function call(): Promise<string> {
  const answer = await hc<typeof chained>('http://localhost').hooks.a.$post()
  return (await answer.json()).n
}

verifyWebhook({
  secret,
  onReject: (error, c) => (error.code === 'header_missing' ? c.notFound() : undefined),
})
verifyWebhook({ secret, onReject: async (error, c) => c.header('x-code', error.code) })
// @ts-expect-error: a secret is needed
verifyWebhook({})
// @ts-expect-error: there is no such option
verifyWebhook({ secret, maxBody: 1 })
// @ts-expect-error: an environment variable may not be there
verifyWebhook({ secret: process.env.WEBHOOK_SECRET })
// @ts-expect-error: the schema must give what the type argument promises
verifyWebhook<Ping>({ secret, schema })

// Named bindings are checked: a misspelt one is no silent 503.
app.post(
  '/',
  verifyWebhook({ secret: ({ env }: HonoContext<Bindings>) => env.WEBHOOK_SECRET }),
  (c) => c.text(c.env.TOKEN),
)
app.use(verifyWebhook<Ping, Bindings>({ secret: ({ env }) => env.WEBHOOK_SECRET }))
// @ts-expect-error
verifyWebhook({ secret: ({ env }: HonoContext<Bindings>) => env.WEBHOOK_SECRETT })
// @ts-expect-error
verifyWebhook<Ping, Bindings>({ secret: ({ env }) => env.WEBHOOK_SECRETT })
