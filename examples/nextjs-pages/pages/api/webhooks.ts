import { webhookHandler } from 'countersign/node'
import type { NextApiRequest, NextApiResponse } from 'next'

/** Next.js must leave the body alone: what is verified are the bytes that arrived. */
export const config = { api: { bodyParser: false } }

const secret = () => process.env.WEBHOOK_SECRET

export default webhookHandler<unknown, NextApiRequest, NextApiResponse>(
  { secret },
  (_request, response, webhook) => {
    response.status(200).json({ id: webhook.id, payload: webhook.payload })
  },
)
