import { webhookHandler } from 'countersign/fetch'

const secret = Bun.env.WEBHOOK_SECRET ?? ''

const server = Bun.serve({
  port: Bun.env.PORT ?? 3000,
  routes: {
    '/webhooks': {
      POST: webhookHandler({ secret }, ({ id, payload }) => Response.json({ id, payload })),
    },
  },
})
console.log(`listening on ${server.url}`)
