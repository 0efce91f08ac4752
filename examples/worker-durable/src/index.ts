import { type DeliveryStore, durableObjectStore } from 'countersign/cloudflare'
import { verifyWebhook } from 'countersign/hono'
import { Hono } from 'hono'

export { DeliveryStore } from 'countersign/cloudflare'

interface Bindings {
  WEBHOOK_SECRET: string
  DELIVERIES: DurableObjectNamespace<DeliveryStore>
}

const app = new Hono<{ Bindings: Bindings }>()
const webhooks = verifyWebhook({
  secret: ({ env }) => env.WEBHOOK_SECRET,
  idempotency: ({ env }) => durableObjectStore(env.DELIVERIES),
})
app.post('/webhooks', webhooks, async (c) => {
  await work(c.get('webhook').payload) // for a new delivery only
  return c.body(null, 204)
})
export default app

async function work(payload: unknown): Promise<void> {
  await scheduler.wait(100)
  console.log('handled', payload)
}
