// A project with no framework, no client and no @types: every subpath that needs none of them.
import {
  createVerifier,
  isWebhookError,
  keyIdOf,
  memoryStore,
  rotatingSecret,
  type SecretSource,
  type VerdictEvent,
  type Webhook,
  WebhookError,
} from 'countersign'
import { type Account, accountSecret, createAccountClient } from 'countersign/account'
import {
  type D1Binding,
  DeliveryStore,
  type DurableObjectBinding,
  d1Store,
  durableObjectStore,
  type KvBinding,
  kvSnapshot,
} from 'countersign/cloudflare'
import { Webhook as CompatWebhook, WebhookVerificationError } from 'countersign/compat'
import { type Diagnosis, diagnose } from 'countersign/diagnose'
import { type FetchContext, verifyRequest, webhookHandler } from 'countersign/fetch'
import { createReceiver, readWebBody, STATUS } from 'countersign/http'
import { type PostgresStore, postgresSnapshot, postgresStore } from 'countersign/postgres'
import { type RedisClient, redisSnapshot, redisStore } from 'countersign/redis'
import { createSigner, generateSecret, type SignedHeaders } from 'countersign/sign'

interface Paid {
  type: 'invoice.paid'
  amount: number
}
interface Bindings {
  SECRET: string
  DELIVERIES: DurableObjectBinding
  DB: D1Binding
  KV: KvBinding
}
declare const client: RedisClient
declare const database: { query(text: string, params?: unknown[]): Promise<{ rows: unknown[] }> }

const secret = generateSecret({ bytes: 32, prefix: 'whsec_' })

export async function verifying(body: Uint8Array, headers: Headers): Promise<number> {
  const verify = createVerifier<Paid>({ secret: [secret, { value: 'a', encoding: 'hex' }] })
  const webhook: Webhook<Paid> = await verify(body, headers)
  const verdict = await verify.check(body, [['webhook-id', webhook.id]])
  if (verdict.ok) return verdict.webhook.payload.amount
  if (isWebhookError(verdict.error)) return verdict.error.retryAfter ?? 0
  // @ts-expect-error: a parsed body cannot be verified
  await verify({ type: 'invoice.paid' }, headers)
  throw new WebhookError('header_missing', 'none')
}

export async function sources(): Promise<SecretSource[]> {
  const rotating = rotatingSecret({
    fetch: ({ signal }) => fetch('https://example.com', { signal }).then((answer) => answer.text()),
    maxAge: 600,
    overlap: undefined,
    onRotate: ({ keyIds }) => keyIds.join(),
    onError: (error) => error.reason.length,
    snapshot: redisSnapshot(client, { key: 'countersign:secret', encryptionKey: 'a' }),
  })
  const ofAccount = accountSecret({ token: 't', snapshot: postgresSnapshot(database) })
  const current: Account = await createAccountClient({ token: 't', fetch }).retrieve()
  await ofAccount.rotate()
  rotating.forgetPrevious()
  const ages: number[] = [
    rotating.status().age ?? 0,
    rotating.status().nextAttemptIn,
    current.metadata.name.length,
  ]
  return ages.length > 1 ? [rotating, ofAccount] : []
}

export const seen = (event: VerdictEvent): string =>
  `${event.outcome} ${event.code ?? ''} ${event.id ?? ''} ${event.duration}`

export const handle: (request: Request) => Promise<Response> = webhookHandler<Paid>(
  {
    secret: () => undefined,
    idempotency: memoryStore(),
    onVerdict: seen,
    onReject: (error) => new Response(error.code, { status: STATUS[error.code] }),
  },
  ({ payload }, { request }) => new Response(payload.type + request.url),
)
export const request = async (given: Request, context: FetchContext): Promise<string> =>
  (await verifyRequest<Paid>(given, { secret: ({ env }) => (env as Bindings).SECRET }, context)).id

export async function receiving(given: Request): Promise<boolean> {
  const receive = createReceiver<Paid, object>({ secret })
  const outcome = await receive({
    headers: given.headers,
    readBody: (maxBytes) => readWebBody(given, maxBytes),
    context: {},
  })
  return 'webhook' in outcome && outcome.webhook?.payload.type === 'invoice.paid'
}

export { DeliveryStore }
export const worker = (env: Bindings): unknown[] => [
  durableObjectStore(env.DELIVERIES, { shards: 2 }),
  d1Store(env.DB, { table: 'deliveries' }).migrate(),
  kvSnapshot(env.KV, { key: 'a' }),
]

export const stores = (): [unknown, PostgresStore] => [
  redisStore(client, { prefix: 'a' }),
  postgresStore(database, { sweep: false }),
]

export async function others(headers: Headers): Promise<Diagnosis> {
  const signed: SignedHeaders = await createSigner({ secret })('{}', { id: await keyIdOf(secret) })
  try {
    new CompatWebhook(secret).verify('{}', signed)
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error
  }
  return diagnose({ body: '{}', headers, secret, now: new Date() })
}
