import { json } from '@sveltejs/kit'
import { webhookHandler } from 'countersign/fetch'
import { env } from '$env/dynamic/private'
import type { RequestHandler } from './$types'

const handle = webhookHandler({ secret: () => env.WEBHOOK_SECRET }, ({ id, payload }) =>
  json({ id, payload }),
)

export const POST: RequestHandler = ({ request }) => handle(request)
