// The Worker under test.
import type { IdempotencyStore } from 'countersign'
import { type AccountSecret, accountSecret } from 'countersign/account'
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

/** What this isolate has seen of each delivery: handlers at work now, the most side by side, those that came to their end. */
const seen = new Map<string, { running: number; most: number; handled: number }>()

async function handle(id: string, url: string): Promise<number> {
  const { searchParams } = new URL(url)
  const own = seen.get(id) ?? { running: 0, most: 0, handled: 0 }
  seen.set(id, own)
  own.most = Math.max(own.most, ++own.running)
  try {
    await new Promise((resolve) => setTimeout(resolve, Number(searchParams.get('takes') ?? 30)))
    own.handled++
    return Number(searchParams.get('answers') ?? 200)
  } finally {
    own.running--
  }
}

/** How often each function below was asked for its store. */
const asked = new Map<string, number>()

type Store = (
  env: Bindings,
) => IdempotencyStore | { store: IdempotencyStore; lease: number } | Promise<IdempotencyStore>
const stores: Record<string, Store> = {
  durable: (env) => durableObjectStore(env.DELIVERIES),
  brief: (env) => ({ store: durableObjectStore(env.DELIVERIES), lease: 1 }),
  sharded: (env) => durableObjectStore(env.DELIVERIES, { shards: 4 }),
  d1: (env) => d1Store(env.DB),
  // The first deliveries wait for it at once, and on Workers one request must not wait for another's promise.
  async migrating(env) {
    const store = d1Store(env.DB, { table: 'migrating' })
    await store.migrate()
    return store
  },
  // The binding has another name in the configuration.
  unbound: (env) => durableObjectStore(Object(env).DELIVERYS),
}

const app = new Hono<{ Bindings: Bindings }>()
for (const [name, storeOf] of Object.entries(stores)) {
  const options = {
    secret: ({ env }: { env?: Bindings }) => env?.SECRET,
    idempotency({ env }: { env?: Bindings }) {
      asked.set(name, (asked.get(name) ?? 0) + 1)
      return storeOf(env as Bindings)
    },
    warn: false,
  }
  app.post(
    `/hono/${name}`,
    verifyWebhook(options),
    async (c) => new Response(null, { status: await handle(c.get('webhook').id, c.req.url) }),
  )
  const handler = webhookHandler(
    options,
    async ({ id }, { request }) => new Response(null, { status: await handle(id, request.url) }),
  )
  app.post(`/fetch/${name}`, (c) => handler(c.req.raw, c.env))
}

let source: AccountSecret | undefined
function account({ env }: { env?: Bindings }): AccountSecret {
  if (!env) throw new Error('no bindings')
  const snapshot = kvSnapshot(env.KV, { encryptionKey: env.SNAPSHOT_KEY })
  const { ACCOUNT_TOKEN: token, ACCOUNT_URL: baseUrl } = env
  source ??= accountSecret({ token, baseUrl, timeout: 1, snapshot })
  return source
}
app.post('/account', verifyWebhook({ secret: account, warn: false }), (c) => c.body(null, 204))

app.get('/count', (c) =>
  c.json({ seen: Object.fromEntries(seen), asked: Object.fromEntries(asked) }),
)

export default {
  fetch(request: Request, env: Bindings, context: ExecutionContext): Response | Promise<Response> {
    // The second isolate is reached under a path of its own.
    const url = request.url.replace('/twin/', '/')
    return app.fetch(new Request(url, request), env, context)
  },
}
