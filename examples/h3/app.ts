import { H3 } from 'h3'
import { verifyWebhook } from './verify-webhook.js'

export function createApp(secret: string): H3 {
  return new H3().post('/webhooks', (event) => ({ received: event.context.webhook?.id }), {
    middleware: [verifyWebhook({ secret })],
  })
}
