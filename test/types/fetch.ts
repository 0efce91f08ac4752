// Checked by the compiler, not run.
import { memoryStore, type Webhook } from 'countersign'
import { accountSecret } from 'countersign/account'
import {
  type FetchHandler,
  type FetchOptions,
  verifyRequest,
  type WebhookHandler,
  webhookHandler,
} from 'countersign/fetch'
import { z } from 'zod'
import { type Equal, expectType } from './equal.js'

const secret = accountSecret({ token: 'token' })
const schema = z.object({ n: z.number().transform(String) })
type Parsed = { n: string }

const handle = webhookHandler({ secret, schema }, (webhook, { request, waitUntil }) => {
  expectType<Equal<typeof webhook, Webhook<Parsed>>>()
  expectType<Equal<typeof request, Request>>()
  waitUntil?.(Promise.resolve())
  return Response.json(webhook.payload)
})

// What each platform asks of a handler.
export const worker: {
  fetch(request: Request, env: object, ctx: { waitUntil(work: Promise<unknown>): void }): unknown
} = { fetch: handle }
export const next: (
  request: Request,
  context: { params: Promise<{ tenant: string }> },
) => Promise<Response> = handle
export const deno: (request: Request, info: { remoteAddr: object }) => Promise<Response> = handle
export const bun: { fetch(request: Request, server: object): Response | Promise<Response> } = {
  fetch: handle,
}
export const svelteKit = ({ request }: { request: Request }): Promise<Response> => handle(request)

// Nothing, or a response; now or later.
const count: WebhookHandler<Parsed> = ({ payload }) => void payload.n
webhookHandler({ secret, schema }, count)
webhookHandler({ secret }, async () => {})
webhookHandler({ secret }, async () => undefined)
webhookHandler({ secret: ({ env }) => env.SECRET, onReject: () => new Response('no') }, () => {})
webhookHandler({ secret: () => process.env.WEBHOOK_SECRET }, () => {})
// @ts-expect-error: what is returned is a Response
webhookHandler({ secret }, () => ({ received: true }))
// @ts-expect-error: a handler is needed
webhookHandler({ secret })

// Both can be wrapped.
export function wrap<T>(options: FetchOptions<T>, handler: WebhookHandler<T>): FetchHandler {
  return webhookHandler({ ...options, maxBodyBytes: 1000 }, handler)
}

export async function verifying(request: Request): Promise<void> {
  const parsed = await verifyRequest(request, { secret, schema })
  expectType<Equal<typeof parsed, Webhook<Parsed>>>()
  const waitUntil = (work: Promise<unknown>): void => void work
  const plain = await verifyRequest(request, { secret }, { env: { SECRET: 'a' }, waitUntil })
  expectType<Equal<typeof plain.payload, unknown>>()
  // @ts-expect-error: it could not settle a claim
  await verifyRequest(request, { secret, idempotency: memoryStore() })
  // @ts-expect-error: it answers nothing
  await verifyRequest(request, { secret, onReject: () => {} })
}
