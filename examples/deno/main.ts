import { webhookHandler } from 'countersign/fetch'

const secret = Deno.env.get('WEBHOOK_SECRET') ?? ''

Deno.serve(
  { port: Number(Deno.env.get('PORT') ?? 3000) },
  webhookHandler({ secret }, ({ id, payload }) => Response.json({ id, payload })),
)
