import { webhookHandler } from 'countersign/fetch'

interface Env {
  WEBHOOK_SECRET: string
}

export default {
  fetch: webhookHandler({ secret: (c) => (c.env as Env).WEBHOOK_SECRET }, (webhook) =>
    Response.json({ id: webhook.id, payload: webhook.payload }),
  ),
} satisfies ExportedHandler<Env>
