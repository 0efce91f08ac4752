// The Worker under test.
import type { IdempotencyStore } from 'countersign'
import { accountSecret } from 'countersign/account'
import {
  type D1Binding,
  DeliveryStore,
  type DurableObjectBinding,
  d1Store,
  durableObjectStore,
  type KvBinding,
  kvSnapshot,
} from 'countersign/cloudflare'
import { webhookHandler } from 'countersign/fetch'
import { verifyWebhook } from 'countersign/hono'
import { type ExecutionContext, Hono } from 'hono'

export interface Bindings {
  readonly SECRET: string
  readonly ACCOUNT_URL: string
  readonly ACCOUNT_TOKEN: string
  readonly SNAPSHOT_KEY: string
  readonly DELIVERIES: DurableObjectBinding
  readonly DB: D1Binding
  readonly KV: KvBinding
}

type State = ConstructorParameters<typeof DeliveryStore>[0]

/** The class of the package, and for the tests a look at its alarm and rows. */
export class Deliveries extends DeliveryStore {
  readonly #state: State

  constructor(state: State) {
    super(state)
    this.#state = state
  }

  override async fetch(request: Request): Promise<Response> {
    const { storage } = this.#state
    const { pathname } = new URL(request.url)
    if (pathname === '/ring') await storage.setAlarm(Date.now())
    if (pathname === '/') return super.fetch(request)
    const [counted] = storage.sql.exec('SELECT COUNT(*) AS rows FROM deliveries')
    return Response.json({ alarm: await storage.getAlarm(), rows: counted?.rows, now: Date.now() })
  }
}

/** A Durable Object of another kind, as somebody may bind by mistake. */
export class Another {
  async fetch(): Promise<Response> {
    return new Response('ok')
  }
}

/** One that is out of order. */
export class Broken {
  async fetch(): Promise<Response> {
    throw new Error('out of order')
  }
}

/** One that never answers. */
export class Silent {
  async fetch(): Promise<Response> {
    return new Promise(() => {})
  }
}

/** How often each delivery was handled in this isolate, and how many handlers ran side by side. */
const handled = new Map<string, number>()
let running = 0
let most = 0

async function handle(id: string, url: string): Promise<number> {
  const { searchParams } = new URL(url)
  most = Math.max(most, ++running)
  try {
    await new Promise((resolve) => setTimeout(resolve, Number(searchParams.get('takes') ?? 30)))
    handled.set(id, (handled.get(id) ?? 0) + 1)
    return Number(searchParams.get('answers') ?? 200)
  } finally {
    running--
  }
}

function createApp(env: Bindings): Hono {
  const app = new Hono()
  const durable = durableObjectStore(env.DELIVERIES)
  const stores: Record<string, IdempotencyStore | { store: IdempotencyStore; lease: number }> = {
    durable,
    brief: { store: durable, lease: 1 },
    sharded: durableObjectStore(env.DELIVERIES, { shards: 4 }),
    d1: d1Store(env.DB),
  }
  for (const [name, idempotency] of Object.entries(stores)) {
    const options = { secret: env.SECRET, idempotency }
    app.post(
      `/hono/${name}`,
      verifyWebhook(options),
      async (c) => new Response(null, { status: await handle(c.get('webhook').id, c.req.url) }),
    )
    const handler = webhookHandler(
      options,
      async ({ id }, { request }) => new Response(null, { status: await handle(id, request.url) }),
    )
    app.post(`/fetch/${name}`, (c) => handler(c.req.raw))
  }

  const snapshot = kvSnapshot(env.KV, { encryptionKey: env.SNAPSHOT_KEY })
  const { ACCOUNT_TOKEN: token, ACCOUNT_URL: baseUrl } = env
  const account = accountSecret({ token, baseUrl, timeout: 1, snapshot })
  app.post('/account', verifyWebhook({ secret: account }), (c) => c.body(null, 204))
  app.get('/count', (c) => c.json({ ids: Object.fromEntries(handled), running, most }))
  return app
}

let app: Hono | undefined

export default {
  fetch(request: Request, env: Bindings, context: ExecutionContext): Response | Promise<Response> {
    app ??= createApp(env)
    // The second isolate is reached under a path of its own.
    const url = request.url.replace('/twin/', '/')
    return app.fetch(new Request(url, request), env, context)
  },
}
