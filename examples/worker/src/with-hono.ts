import { type AccountSecret, accountSecret } from 'countersign/account'
import { verifyWebhook } from 'countersign/hono'
import { Hono } from 'hono'

interface Bindings {
  ACCOUNT_TOKEN: string
  ACCOUNT_URL?: string
}

// Bindings exist only per request, so the first one makes the source; the isolate keeps it.
let source: AccountSecret | undefined
function secret({ env }: { env?: Bindings }): AccountSecret {
  source ??= accountSecret({ token: env?.ACCOUNT_TOKEN ?? '', baseUrl: env?.ACCOUNT_URL })
  return source
}

const app = new Hono<{ Bindings: Bindings }>()
app.post('/webhooks', verifyWebhook({ secret }), (c) =>
  c.json({ id: c.get('webhook').id, payload: c.get('webhook').payload }),
)
export default app
