import { webhookHandler } from 'countersign/fetch'

export const POST = webhookHandler(
  // A function, so that the build needs no secret.
  { secret: () => process.env.WEBHOOK_SECRET },
  async ({ id, payload }) => Response.json({ id, payload }),
)
