import { describe, expect, test } from '@jest/globals'
import { DeliveryStore, d1Store, durableObjectStore, kvSnapshot } from 'countersign/cloudflare'
import { manualTimers } from '../../support/manual-timers.js'

const method = (): never => {
  throw new Error('not called at creation')
}
const namespace = { idFromName: method, get: method }
const database = { prepare: method, batch: method }
const kv = { getWithMetadata: method, put: method }

describe.each<[string, (binding: unknown, options?: object) => unknown, object, RegExp]>([
  ['durableObjectStore', durableObjectStore as never, namespace, /Durable Object namespace/],
  ['d1Store', d1Store as never, database, /D1 database/],
  ['kvSnapshot', kvSnapshot as never, kv, /KV namespace/],
])('%s', (_, create, right, kind) => {
  test('takes its binding, and does nothing with it yet', () => {
    expect(() => create(right)).not.toThrow()
  })

  test.each([undefined, null, '', 'DELIVERIES', {}, { get() {}, put() {} }, new Map()])(
    'refuses %p and asks for the configuration',
    (binding) => {
      expect(() => create(binding)).toThrow(TypeError)
      expect(() => create(binding)).toThrow(kind)
      expect(() => create(binding)).toThrow(/configured for this Worker/)
    },
  )

  test('refuses an option that is unknown', () => {
    expect(() => create(right, { prefix: 'a' })).toThrow(/unknown option prefix/)
  })
})

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2'])('shards: %p', (shards) => {
  expect(() => durableObjectStore(namespace, { shards: shards as never })).toThrow(TypeError)
})

test.each(['', 'a b', 'a;b', '1a', 'a.b', '"a"', `a${'b'.repeat(100)}`, 'ä'])(
  'table: %p',
  (table) => {
    expect(() => d1Store(database, { table })).toThrow(/table must be a name/)
  },
)

test.each([0, -1, Number.NaN])('timeout: %p', (timeout) => {
  expect(() => d1Store(database, { timeout })).toThrow(TypeError)
  expect(() => durableObjectStore(namespace, { timeout })).toThrow(TypeError)
})

test.each([0, 59, -1, Number.NaN])('ttl: %p', (ttl) => {
  expect(() => kvSnapshot(kv, { ttl })).toThrow(TypeError)
})

test.each([undefined, '', 'short', new Uint8Array(31)])('encryptionKey: %p', (encryptionKey) => {
  expect(() => kvSnapshot(kv, { encryptionKey })).toThrow(/encryptionKey/)
})

test('an operation is given up in time', async () => {
  const timers = manualTimers()
  const silent = {
    idFromName: () => 'id',
    get: () => ({ fetch: () => new Promise<never>(() => {}) }),
  }
  const store = durableObjectStore(silent, { timeout: 2, ...timers.options })
  const claim = store.claim('key', { token: 'a', lease: 60 })
  await Promise.all([expect(claim).rejects.toThrow(/did not answer within 2000 ms/), timers.run()])
})

test('the class needs nothing of the platform to be imported', () => {
  expect(Object.getPrototypeOf(DeliveryStore)).toBe(Function.prototype)
})
