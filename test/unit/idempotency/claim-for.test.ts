import { expect, test } from '@jest/globals'
import { type IdempotencyInput, memoryStore, WebhookError } from 'countersign'
import { d1Store, durableObjectStore } from 'countersign/cloudflare'
import { postgresStore } from 'countersign/postgres'
import { redisStore } from 'countersign/redis'
import { createClaimFor } from '../../../src/idempotency/claim-for.js'

interface Context {
  readonly env?: unknown
  readonly tenant?: string
}

/** `handled`, `done` or the error of each delivery of one id, one after the other. */
async function outcomes(
  idempotency: IdempotencyInput<Context>,
  contexts: readonly Context[],
): Promise<unknown[]> {
  const claim = createClaimFor(idempotency, { tolerance: 300 })
  const seen: unknown[] = []
  for (const context of contexts) {
    try {
      const claimed = await claim({ id: 'msg_1' }, { context })
      await claimed?.settle?.(204)
      seen.push(claimed ? 'handled' : 'done')
    } catch (error) {
      seen.push(error)
    }
  }
  return seen
}

test('a function of the bindings is called once for each bindings object', async () => {
  const [first, second] = [{ store: memoryStore() }, { store: memoryStore() }]
  const asked: unknown[] = []
  const idempotency = ({ env }: Context) => {
    asked.push(env)
    return (env as typeof first).store
  }
  const contexts = [first, first, second, first, second].map((env) => ({ env }))
  expect(await outcomes(idempotency, contexts)).toEqual([
    'handled',
    'done',
    'handled',
    'done',
    'done',
  ])
  expect(asked).toEqual([first, second])
})

test('a store that is made in the function is made once for each bindings object', async () => {
  const env = {}
  const idempotency = (_: Context) => memoryStore()
  expect(await outcomes(idempotency, [{ env }, { env }])).toEqual(['handled', 'done'])
})

test('without bindings it is called for each delivery, so that a tenant can have a store', async () => {
  const stores: Record<string, ReturnType<typeof memoryStore>> = {
    a: memoryStore(),
    b: memoryStore(),
  }
  const idempotency = ({ tenant = '' }: Context) => stores[tenant] as ReturnType<typeof memoryStore>
  const contexts = [{ tenant: 'a' }, { tenant: 'b' }, { tenant: 'a' }]
  expect(await outcomes(idempotency, contexts)).toEqual(['handled', 'handled', 'done'])
})

test('a function without parameters is called once', async () => {
  let calls = 0
  const idempotency = () => {
    calls++
    return memoryStore()
  }
  expect(await outcomes(idempotency, [{}, { env: {} }, { env: {} }])).toEqual([
    'handled',
    'done',
    'done',
  ])
  expect(calls).toBe(1)
})

test('it may return options or a promise; two first deliveries at once share one store', async () => {
  const env = {}
  const idempotency = async (_: Context) => ({ store: memoryStore(), scope: 'mine' })
  const claim = createClaimFor(idempotency, { tolerance: 300 })
  const attempt = () => claim({ id: 'msg_1' }, { context: { env } })
  const both = await Promise.allSettled([attempt(), attempt()])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})

test.each([
  ['throws', () => Promise.reject(new Error('no binding'))],
  ['returns nothing', () => undefined],
  ['returns what is not a store', () => ({ stoer: memoryStore() })],
])('one that %s is store_unavailable, and is asked again', async (_how, fail) => {
  const env = {}
  let isBroken = true
  const idempotency = (_: Context) => (isBroken ? (fail() as never) : memoryStore())
  const claim = createClaimFor(idempotency, { tolerance: 300 })
  const attempt = () => claim({ id: 'msg_1' }, { context: { env } })
  const error = await attempt().catch((error: unknown) => error)
  // Nobody else hears of it, so it is warned about.
  expect(error).toMatchObject({ code: 'store_unavailable', quiet: false })
  isBroken = false
  expect(await attempt()).toBeDefined()
})

test('options that a function returns again are prepared once', async () => {
  let reads = 0
  const store = memoryStore()
  const options = {
    get store() {
      reads++
      return store
    },
  }
  const idempotency = (_: Context) => options
  const claim = createClaimFor(idempotency, { tolerance: 300 })
  await claim({ id: 'a' }, { context: {} })
  const once = reads
  for (const id of ['b', 'c']) await claim({ id }, { context: {} })
  expect(reads).toBe(once)
})

test('a refusal of the function that is about the store is kept, and any other error is its cause', async () => {
  const own = new WebhookError('store_unavailable', 'the shard of this tenant is closed')
  const errors = [own, new WebhookError('secret_unavailable', 'words'), new Error('words')]
  for (const error of errors) {
    const fails = (_: Context): never => {
      throw error
    }
    const [refused] = await outcomes(fails, [{}])
    if (error === own) expect(refused).toBe(own)
    else expect(refused).toMatchObject({ code: 'store_unavailable', cause: error })
  }
})

test.each<[store: (input: never) => unknown, call: string]>([
  [memoryStore, 'memoryStore()'],
  [redisStore, 'redisStore(client)'],
  [postgresStore, 'postgresStore(pool)'],
  [d1Store, '(c) => d1Store(c.env.DB)'],
  [durableObjectStore, '(c) => durableObjectStore(c.env.DELIVERIES)'],
])('%p that was passed on and not called says what to write', async (store, call) => {
  const [refused] = await outcomes(store as never, [{ request: {} } as Context])
  expect(refused).toMatchObject({
    code: 'store_unavailable',
    message: `idempotency is a function that was not called: write idempotency: ${call}`,
  })
})

test('a wrong option is not taken for the context of a delivery', () => {
  const options = { request: {}, maxEntries: 1 } as object
  expect(() => memoryStore(options)).toThrow(TypeError)
})
