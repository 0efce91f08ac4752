import { describe, expect, jest, test } from '@jest/globals'
import {
  type IdempotencyOptions,
  type IdempotencyStore,
  isWebhookError,
  memoryStore,
  type SettledEvent,
} from 'countersign'
import { createClaim } from '../../../src/idempotency/claim.js'
import type { Settle } from '../../../src/idempotency/lease.js'
import { manualTimers } from '../../support/manual-timers.js'

const endpoint = () => '/webhooks'

type SettleOf = (
  report: { id: string },
  within: (() => string) | undefined,
  context: unknown,
) => Promise<Settle | undefined>

/** How to settle the claim that was taken; `undefined` if the delivery is done. */
function claims(options: Partial<IdempotencyOptions<unknown>> = {}): SettleOf {
  const input = { store: memoryStore(), ...manualTimers().options, ...options }
  const claim = createClaim(input, { tolerance: 300 })
  return async (report, endpoint, context) => (await claim(report, { endpoint, context }))?.settle
}

/** A store that answers every claim like this. */
function answering(claim: IdempotencyStore['claim']): IdempotencyStore {
  return { ...memoryStore(), claim }
}

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  const error = await promise.catch((error: unknown) => error)
  return isWebhookError(error) ? [error.code, error.retryAfter] : error
}

test('a delivery is claimed once, is in progress until settled, and then done', async () => {
  const claim = claims({ lease: 60 })
  const settle = await claim({ id: 'msg_1' }, endpoint, {})
  expect(await codeOf(claim({ id: 'msg_1' }, endpoint, {}))).toEqual([
    'delivery_in_progress',
    expect.closeTo(60, 0),
  ])
  await settle?.(204)
  expect(await claim({ id: 'msg_1' }, endpoint, {})).toBeUndefined()
})

test.each([undefined, 0, 100, 199, 300, 304, 404, 409, 500, 503, Number.NaN])(
  'an answer of %p releases the claim for the next attempt',
  async (status) => {
    const claim = claims()
    await (await claim({ id: 'msg_1' }, endpoint, {}))?.(status)
    expect(await claim({ id: 'msg_1' }, endpoint, {})).toBeInstanceOf(Function)
  },
)

test.each([200, 201, 204, 299])('an answer of %p makes the delivery done', async (status) => {
  const claim = claims()
  await (await claim({ id: 'msg_1' }, endpoint, {}))?.(status)
  expect(await claim({ id: 'msg_1' }, endpoint, {})).toBeUndefined()
})

test('the first settlement counts', async () => {
  const claim = claims()
  const settle = await claim({ id: 'msg_1' }, endpoint, {})
  await settle?.(200)
  await settle?.()
  expect(await claim({ id: 'msg_1' }, endpoint, {})).toBeUndefined()
})

test('an id is unique within the endpoint, the scope text, or what the scope function says', async () => {
  const keys: string[] = []
  const store = answering((key) => {
    keys.push(key)
    return { state: 'claimed' }
  })
  await claims({ store })({ id: 'a' }, endpoint, {})
  await claims({ store })({ id: 'a' }, undefined, {})
  await claims({ store, scope: 'mine' })({ id: 'a' }, endpoint, {})
  await claims({ store, scope: (context) => `tenant ${context}` })({ id: 'a' }, endpoint, 7)
  expect(keys).toEqual(['/webhooks a', ' a', 'mine a', 'tenant 7 a'])
})

test('a scope of kilobytes becomes a short key, and stays apart from others', async () => {
  const keys: string[] = []
  const store = answering((key) => {
    keys.push(key)
    return { state: 'claimed' }
  })
  const long = '/x'.repeat(4000)
  for (const within of [long, `${long}y`, long])
    await claims({ store })({ id: 'a' }, () => within, {})
  for (const key of keys) expect(key.length).toBeLessThan(300)
  expect(keys[0]).not.toBe(keys[1])
  expect(keys[0]).toBe(keys[2])
})

test('a scope of up to 256 characters is a part of the key as it stands', async () => {
  const keys: string[] = []
  const store = answering((key) => {
    keys.push(key)
    return { state: 'claimed' }
  })
  const longest = 'x'.repeat(256)
  for (const scope of [longest, `${longest}y`])
    await claims({ store, scope })({ id: 'a' }, endpoint, {})
  expect(keys[0]).toBe(`${longest} a`)
  expect(keys[1]).toMatch(/^x{64}… \S{12} a$/)
})

test('a claim that was taken is renewed while the handler runs', async () => {
  const timers = manualTimers()
  let calls = 0
  const store = answering(() => {
    calls++
    return { state: 'claimed' }
  })
  const settle = await claims({ store, lease: 60, ...timers.options })({ id: 'a' }, endpoint, {})
  expect(timers.waiting).toEqual([expect.closeTo(20_000, -2)])
  await timers.run()
  expect(calls).toBe(2)
  await settle?.(204)
  expect(timers.waiting).toEqual([])
})

describe('the claim of an earlier receiver', () => {
  const open = (options: Partial<IdempotencyOptions<unknown>> = {}) =>
    createClaim(
      { store: memoryStore(), scope: 'mine', ...manualTimers().options, ...options },
      { tolerance: 300 },
    )
  const delivery = { context: {} }

  test('counts as taken, and is settled by that receiver', async () => {
    const store = memoryStore()
    const first = await open({ store })({ id: 'a' }, delivery)
    const previous = first?.claim
    const second = await open({ store })({ id: 'a' }, { ...delivery, previous })
    expect(second).toEqual({ claim: previous, settle: undefined })
  })

  test.each([
    ['another store', { store: memoryStore() }],
    ['another scope', { scope: 'other' }],
  ])('does not stand for a claim in %s', async (_which, other) => {
    const store = memoryStore()
    const first = await open({ store })({ id: 'a' }, delivery)
    const previous = first?.claim
    const second = await open({ store, ...other })({ id: 'a' }, { ...delivery, previous })
    expect(second?.settle).toBeInstanceOf(Function)
  })

  test('does not stand for anything once it has ended: the store decides', async () => {
    const store = memoryStore()
    const first = await open({ store })({ id: 'a' }, delivery)
    const previous = first?.claim
    await first?.settle?.(204)
    expect(await open({ store })({ id: 'a' }, { ...delivery, previous })).toBeUndefined()
  })

  test('that somebody made by hand does not count', async () => {
    const store = memoryStore()
    await open({ store })({ id: 'a' }, delivery)
    const previous = { key: 'mine a', token: 'guessed' }
    expect(await codeOf(open({ store })({ id: 'a' }, { ...delivery, previous }))).toEqual([
      'delivery_in_progress',
      expect.closeTo(60, 0),
    ])
  })
})

test.each([
  [true, { onError: () => {} }],
  [false, {}],
])(
  'a store that is down is kept out of the warnings: %p, because onError hears of it',
  async (quiet, options) => {
    const store = answering(() => Promise.reject(down))
    const error = await claims({ store, ...options })({ id: 'a' }, endpoint, {}).catch(
      (error: unknown) => error,
    )
    expect(error).toMatchObject({ code: 'store_unavailable', quiet })
  },
)

test('every attempt has a token of its own', async () => {
  const tokens: string[] = []
  const store = answering((_, { token }) => {
    tokens.push(token)
    return { state: 'claimed' }
  })
  const claim = claims({ store })
  for (const id of ['a', 'a', 'b']) await claim({ id }, endpoint, {})
  expect(new Set(tokens).size).toBe(3)
  await claims({ store, token: () => 'mine' })({ id: 'a' }, endpoint, {})
  expect(tokens.at(-1)).toBe('mine')
})

test('a done delivery is kept for ttl, and until its timestamp has left the tolerance', async () => {
  const kept: number[] = []
  const store: IdempotencyStore = {
    ...memoryStore(),
    commit(_, { ttl }) {
      kept.push(ttl)
      return true
    },
  }
  for (const ttl of [undefined, 1000, 599, 0]) {
    await (await claims({ store, ttl })({ id: `ttl ${ttl}` }, endpoint, {}))?.(200)
  }
  expect(kept).toEqual([432_000, 1000, 600, 600])
})

test('idempotency may be a store instead of options', async () => {
  const store = memoryStore()
  const claim = createClaim(store, { tolerance: 300 })
  await (await claim({ id: 'a' }, { context: {} }))?.settle?.(200)
  expect(await claim({ id: 'a' }, { context: {} })).toBeUndefined()
})

const down = new Error('down')
const failures: Record<string, IdempotencyStore['claim']> = {
  rejects: () => Promise.reject(down),
  throws: () => {
    throw down
  },
}

test.each(Object.keys(failures))(
  'a store that %s is store_unavailable, and reported',
  async (how) => {
    const errors: unknown[] = []
    const released: unknown[] = []
    const store: IdempotencyStore = {
      ...answering(failures[how] as IdempotencyStore['claim']),
      release: (key) => released.push(key),
    }
    const claim = claims({ store, onError: (error) => errors.push(error) })
    const error = await claim({ id: 'a' }, endpoint, {}).catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'store_unavailable', cause: down, retryAfter: 5 })
    expect(String(error)).toMatch(/check .*connection.*onStoreError: 'process'/)
    await Promise.resolve()
    expect(errors).toEqual([down])
    // The store may have taken the claim although its answer was lost.
    expect(released).toEqual(['/webhooks a'])
  },
)

test("onStoreError 'process' hands the delivery on, reports it, and still commits", async () => {
  const seen = { id: 'a' }
  const errors: unknown[] = []
  const inner = memoryStore()
  const store = { ...inner, claim: () => Promise.reject(down) }
  const onError = (error: unknown): void => void errors.push(error)
  const settle = await claims({ store, onStoreError: 'process', onError })(seen, endpoint, {})
  expect(seen).toEqual({ id: 'a', code: 'store_unavailable', cause: down })
  expect(errors).toEqual([down])
  await settle?.(200)
  expect(inner.claim('/webhooks a', { token: 'other', lease: 1 })).toEqual({ state: 'done' })
})

test.each([
  undefined,
  null,
  {},
  'claimed',
  true,
  { state: 'CLAIMED' },
  { state: 'reclaimed' },
  { state: 'done?' },
  { state: 7 },
])('a claim that returns %p means that the store is faulty', async (answer) => {
  const errors: unknown[] = []
  const store = answering(() => answer as never)
  const onError = (error: unknown): void => void errors.push(error)
  expect(await codeOf(claims({ store, onError })({ id: 'a' }, endpoint, {}))).toEqual([
    'store_unavailable',
    5,
  ])
  const process = claims({ store, onError, onStoreError: 'process' })
  expect(await process({ id: 'a' }, endpoint, {})).toBeInstanceOf(Function)
  expect(errors).toEqual([expect.any(TypeError), expect.any(TypeError)])
})

test.each([
  [12.5, 12.5],
  [0.2, 1],
  [0, 1],
  [-3, 1],
  [Number.NaN, 5],
  [undefined, 5],
  ['soon', 5],
])('a claim that is in progress for %p more seconds asks for %p', async (left, asked) => {
  const store = answering(() => ({ state: 'in_progress', retryAfter: left as number }))
  expect(await codeOf(claims({ store })({ id: 'a' }, endpoint, {}))).toEqual([
    'delivery_in_progress',
    asked,
  ])
})

test.each([undefined, null, 7, {}, Promise.resolve('tenant')])(
  'a scope function that returns %p is a mistake, not one scope for everybody',
  async (within) => {
    const keys: string[] = []
    const store = answering((key) => {
      keys.push(key)
      return { state: 'claimed' }
    })
    const claim = claims({ store, scope: () => within as string })
    await expect(claim({ id: 'a' }, endpoint, {})).rejects.toThrow(/scope must be a string/)
    expect(keys).toEqual([])
  },
)

test.each([null, true, 0, 'redis'])('%p in place of a store is refused with a message', (input) => {
  expect(() => createClaim(input as never, { tolerance: 300 })).toThrow(
    'an idempotency store must have claim(), commit() and release(), and this has no claim() and no',
  )
})

test('what a store is asked behind the answer is handed to the context, so that an edge runtime lives on', async () => {
  const work: Promise<unknown>[] = []
  const context = { waitUntil: (promise: Promise<unknown>) => work.push(promise) }
  const released: string[] = []
  const store: IdempotencyStore = {
    ...answering(() => Promise.reject(down)),
    release: async (key) => void released.push(key),
  }
  await expect(claims({ store })({ id: 'a' }, endpoint, context)).rejects.toThrow(/store failed/)
  expect(work).toHaveLength(1)
  await Promise.all(work)
  expect(released).toEqual(['/webhooks a'])
})

test.each([
  ['rejects', () => Promise.reject(new Error('over')), 2],
  ['throws', () => JSON.parse(''), 2],
  ['is not a function', true, 2],
  ['is not there', undefined, 0],
])(
  'a waitUntil that %s changes neither the verdict nor the answer',
  async (_, waitUntil, errors) => {
    const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined)
    const fails = () => Promise.reject(down)
    const refuses: IdempotencyStore = { ...answering(fails), release: fails }
    const refused = claims({ store: refuses })({ id: 'a' }, endpoint, { waitUntil })
    await expect(refused).rejects.toMatchObject({ code: 'store_unavailable', cause: down })

    const store: IdempotencyStore = { ...answering(() => ({ state: 'claimed' })), commit: fails }
    const settle = await claims({ store })({ id: 'a' }, endpoint, { waitUntil })
    await expect(settle?.(204)).resolves.toBeUndefined()
    expect(printed).toHaveBeenCalledTimes(errors)
    printed.mockRestore()
  },
)

test('only the methods that a store lacks are named', () => {
  const { claim, commit, release } = memoryStore()
  for (const [store, words] of [
    [{ claim, commit }, 'this has no release():'],
    [{ claim, release: 1 }, 'this has no commit() and no release():'],
  ] as const) {
    expect(() => createClaim(store as never, { tolerance: 300 })).toThrow(words)
  }
  expect(() => createClaim({ claim, commit, release }, { tolerance: 300 })).not.toThrow()
})

test.each([
  [{ store: undefined }],
  [{ store: {} }],
  [{ store: { claim() {}, commit() {} } }],
  [{ store: memoryStore(), lease: 0 }],
  [{ store: memoryStore(), lease: Number.NaN }],
  [{ store: memoryStore(), ttl: -1 }],
  [{ store: memoryStore(), ttl: Number.POSITIVE_INFINITY }],
  [{ store: memoryStore(), onStoreError: 'ignore' }],
  [{ store: memoryStore(), scope: 7 }],
  [{ store: memoryStore(), onError: 'log' }],
  [{ store: memoryStore(), leese: 1 }],
  [null],
  [true],
  [{}],
])('%p is refused at creation', (options) => {
  expect(() => createClaim(options as never, { tolerance: 300 })).toThrow(TypeError)
})

test('a claim has the key and the token under which the store knows the delivery', async () => {
  const calls: unknown[] = []
  const store: IdempotencyStore = {
    ...memoryStore(),
    claim(key, { token }) {
      calls.push({ key, token })
      return { state: 'claimed' }
    },
  }
  const claimed = await createClaim(store, { tolerance: 300 })({ id: 'a' }, { context: {} })
  expect(calls).toEqual([claimed?.claim])
})

describe('onSettled', () => {
  async function endOf(methods: Partial<IdempotencyStore>, status?: number) {
    const events: SettledEvent<unknown>[] = []
    const store: IdempotencyStore = { ...memoryStore(), ...methods }
    const rules = {
      tolerance: 300,
      onSettled: (event: SettledEvent<unknown>) => events.push(event),
    }
    const timers = manualTimers()
    const claim = createClaim({ store, lease: 0.2, ...timers.options }, rules)
    const claimed = await claim({ id: 'msg_1' }, { context: 'context' })
    await claimed?.settle?.(status)
    await claimed?.settle?.(status)
    for (let retry = 0; retry < 3; retry++) await timers.run()
    return events
  }
  test.each([
    ['committed', {}, 204],
    ['released', {}, 500],
    ['released', {}, undefined],
    ['lost', { commit: (): boolean => false }, 204],
    ['lost', { commit: () => Promise.reject(down) }, 204],
  ] satisfies [string, Partial<IdempotencyStore>, number | undefined][])(
    'is called once with %s',
    async (outcome, methods, status) => {
      const [event, ...more] = await endOf(methods, status)
      expect(more).toEqual([])
      expect(event).toEqual({
        outcome,
        id: 'msg_1',
        duration: expect.any(Number),
        ...(status && { status }),
      })
      expect('status' in (event ?? {})).toBe(status !== undefined)
      expect(event?.context).toBe('context')
      expect(Object.keys(event ?? {})).not.toContain('context')
    },
  )
  test('has the seconds from the claim to its end', async () => {
    const clock = jest.spyOn(performance, 'now')
    try {
      const events: SettledEvent<unknown>[] = []
      const onSettled = (event: SettledEvent<unknown>): void => void events.push(event)
      clock.mockReturnValue(1_000)
      const claim = createClaim(memoryStore(), { tolerance: 300, onSettled })
      const claimed = await claim({ id: 'msg_1' }, { context: {} })
      clock.mockReturnValue(3_500.4)
      await claimed?.settle?.(204)
      expect(events).toMatchObject([{ duration: 2.5 }])
    } finally {
      clock.mockRestore()
    }
  })
  test('is not called for a delivery that was not claimed', async () => {
    const claim = () => ({ state: 'in_progress', retryAfter: 1 }) as const
    const events: unknown[] = []
    const rules = { tolerance: 300, onSettled: (event: unknown) => events.push(event) }
    for (const store of [answering(claim), answering(() => Promise.reject(down))]) {
      const attempt = createClaim(store, rules)({ id: 'a' }, { context: {} })
      await expect(attempt).rejects.toHaveProperty('retryAfter')
    }
    await Promise.resolve()
    expect(events).toEqual([])
  })
})

test('a store that answers another state is refused, and the message says how to test it', async () => {
  const errors: unknown[] = []
  const store = answering(() => ({ state: 'free' }) as never)
  const claim = claims({ store, onError: (error: unknown) => errors.push(error) })
  await expect(claim({ id: 'a' }, endpoint, {})).rejects.toMatchObject({
    code: 'store_unavailable',
    cause: { message: expect.stringContaining('test the store with storeContract') },
  })
  expect(errors).toHaveLength(1)
})
