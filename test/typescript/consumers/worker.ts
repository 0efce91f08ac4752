// A Worker: Cloudflare's types in place of the browser's and of Node's.
import type {
  D1Database,
  DurableObjectNamespace,
  ExecutionContext,
  KVNamespace,
} from '@cloudflare/workers-types'
import { createVerifier } from 'countersign'
import { accountSecret } from 'countersign/account'
import { DeliveryStore, d1Store, durableObjectStore, kvSnapshot } from 'countersign/cloudflare'
import { webhookHandler } from 'countersign/fetch'
import { verifyWebhook } from 'countersign/hono'
import { telemetry } from 'countersign/otel'
import { createSigner } from 'countersign/sign'
import { Hono } from 'hono'

interface Env {
  SECRET: string
  TOKEN: string
  DELIVERIES: DurableObjectNamespace<DeliveryStore>
  DB: D1Database
  KV: KVNamespace
}
type Paid = { amount: number }

const app = new Hono<{ Bindings: Env }>()
const hooks = verifyWebhook<Paid, Env>({
  secret: ({ env }) => env.SECRET,
  idempotency: ({ env }) => durableObjectStore(env.DELIVERIES),
  ...telemetry(),
})
app.post('/', hooks, (c) => c.text(String(c.get('webhook').payload.amount)))
app.post('/d1', verifyWebhook({ secret: 'wh_', idempotency: ({ env }) => d1Store(env.DB) }))

export { DeliveryStore }
export const secret = (env: Env): unknown =>
  accountSecret({ token: env.TOKEN, snapshot: kvSnapshot(env.KV, { key: 'a' }) })
export const handle: (request: Request, env: Env, context: ExecutionContext) => Promise<Response> =
  webhookHandler({ secret: ({ env }) => (env as Env).SECRET }, () => {})
export const round = async (text: string): Promise<string> =>
  (await createVerifier({ secret: text })('{}', await createSigner({ secret: text })('{}'))).id
export default app
