import { expect, test } from '@jest/globals'
import { type IdempotencyStore, memoryStore } from 'countersign'
import { expectLinear } from '../../support/growth.js'

const DAY = 86_400
let now = 0

function storeOf(maxEntries?: number): IdempotencyStore {
  now = 1_700_000_000_000
  return memoryStore({ maxEntries, now: () => now })
}
function claim(store: IdempotencyStore, key: string, token = 't1', lease = 60): unknown {
  return store.claim(key, { token, lease })
}
function handle(store: IdempotencyStore, key: string, ttl = DAY): void {
  expect(claim(store, key)).toEqual({ state: 'claimed' })
  expect(store.commit(key, { token: 't1', ttl })).toBe(true)
}

test('claimed, in progress for others, done after the commit', () => {
  const store = storeOf()
  expect(claim(store, 'a')).toStrictEqual({ state: 'claimed' })
  now += 20_000
  expect(claim(store, 'a', 't2')).toStrictEqual({ state: 'in_progress', retryAfter: 40 })
  expect(claim(store, 'b', 't2')).toEqual({ state: 'claimed' })
  expect(store.commit('a', { token: 't1', ttl: DAY })).toBe(true)
  expect(claim(store, 'a', 't2')).toStrictEqual({ state: 'done' })
  expect(claim(store, 'a', 't1')).toEqual({ state: 'done' })
})

test('the holder claims again to renew', () => {
  const store = storeOf()
  claim(store, 'a')
  now += 59_000
  expect(claim(store, 'a')).toEqual({ state: 'claimed' })
  now += 59_000
  expect(claim(store, 'a', 't2')).toEqual({ state: 'in_progress', retryAfter: 1 })
})

test('a lease that ran out may be taken over, and its old holder can neither commit nor release', () => {
  const store = storeOf()
  claim(store, 'a', 't1')
  now += 60_000
  expect(claim(store, 'a', 't2')).toEqual({ state: 'claimed' })
  expect(store.commit('a', { token: 't1', ttl: DAY })).toBe(false)
  store.release('a', { token: 't1' })
  expect(claim(store, 'a', 't1')).toMatchObject({ state: 'in_progress' })
  expect(store.commit('a', { token: 't2', ttl: DAY })).toBe(true)
})

test('a lease that ran out without a successor still commits', () => {
  const store = storeOf()
  claim(store, 'a')
  now += 61_000
  expect(store.commit('a', { token: 't1', ttl: DAY })).toBe(true)
  expect(claim(store, 'a', 't2')).toEqual({ state: 'done' })
})

test('released is free at once', () => {
  const store = storeOf()
  claim(store, 'a')
  store.release('a', { token: 't1' })
  expect(claim(store, 'a', 't2')).toEqual({ state: 'claimed' })
})

test('a done delivery cannot be released', () => {
  const store = storeOf()
  handle(store, 'a')
  store.release('a', { token: 't1' })
  expect(claim(store, 'a')).toEqual({ state: 'done' })
})

test('done is forgotten after ttl', () => {
  const store = storeOf()
  handle(store, 'a', 100)
  now += 99_999
  expect(claim(store, 'a')).toEqual({ state: 'done' })
  now += 1
  expect(claim(store, 'a')).toEqual({ state: 'claimed' })
})

test('done is forgotten exactly after ttl, also among many that end together', () => {
  const store = storeOf()
  for (const key of ['a', 'b', 'c']) handle(store, key, 100)
  now += 100_000
  expect(claim(store, 'c')).toEqual({ state: 'claimed' })
})

test('the newer expiry of a key counts, not its older one', () => {
  const store = storeOf(3)
  handle(store, 'a', 100)
  now += 101_000
  handle(store, 'a', 100)
  now += 99_000
  for (const key of ['b', 'c']) handle(store, key)
  expect(claim(store, 'a')).toEqual({ state: 'done' })
})

test('full: each new delivery replaces the one that was done longest ago', () => {
  const store = storeOf(3)
  for (const key of ['a', 'b', 'c', 'd']) handle(store, key)
  expect(['b', 'c', 'd'].map((key) => claim(store, key))).toEqual(Array(3).fill({ state: 'done' }))
  expect(claim(store, 'a')).toEqual({ state: 'claimed' })
  expect(claim(store, 'b')).toEqual({ state: 'claimed' })
  expect(claim(store, 'd')).toEqual({ state: 'done' })
})

test('full: a delivery in progress is never forgotten, however many are done meanwhile', () => {
  const store = storeOf(3)
  claim(store, 'long', 't1', 1e6)
  for (let i = 0; i < 1000; i++) handle(store, `short ${i}`)
  expect(claim(store, 'long', 't2')).toMatchObject({ state: 'in_progress' })
})

test('full: a commit whose claim has been lost takes the place of the oldest one', () => {
  const store = storeOf(3)
  claim(store, 'long', 't1', 1e6)
  for (const key of ['a', 'b']) handle(store, key)
  expect(store.commit('late', { token: 't9', ttl: DAY })).toBe(true)
  expect(claim(store, 'b')).toEqual({ state: 'done' })
  expect(claim(store, 'late')).toEqual({ state: 'done' })
  expect(claim(store, 'a')).toEqual({ state: 'claimed' })
})

test('full of deliveries in progress: a new claim throws, and a settled one makes room again', () => {
  const store = storeOf(2)
  claim(store, 'a')
  claim(store, 'b')
  expect(() => claim(store, 'c')).toThrow(/in progress/)
  expect(claim(store, 'a', 't2')).toMatchObject({ state: 'in_progress' })
  expect(claim(store, 'a')).toEqual({ state: 'claimed' })
  store.release('b', { token: 't1' })
  expect(claim(store, 'c')).toEqual({ state: 'claimed' })
})

test('full of leases that ran out: a new claim takes the place of the one that ran out first', () => {
  const store = storeOf(2)
  claim(store, 'a')
  now += 1_000
  claim(store, 'b')
  claim(store, 'a')
  now += 60_000
  claim(store, 'a')
  expect(claim(store, 'c')).toEqual({ state: 'claimed' })
  expect(claim(store, 'a', 't2')).toMatchObject({ state: 'in_progress' })
  expect(() => claim(store, 'd')).toThrow()
})

test('a flood of unique ids stays within bounds, and the ids are still told apart', () => {
  const store = storeOf(1_000)
  for (let i = 0; i < 100_000; i++) {
    claim(store, `key ${i}`)
    store.commit(`key ${i}`, { token: 't1', ttl: DAY })
  }
  const kept = Array.from({ length: 100_000 }, (_, i) => `key ${i}`).filter((key) => {
    const { state } = claim(store, key, 'probe', 0.000001) as { state: string }
    store.release(key, { token: 'probe' })
    return state === 'done'
  })
  expect(kept.length).toBeLessThanOrEqual(1_000)
  expect(kept.length).toBeGreaterThan(990)
  expect(kept.at(-1)).toBe('key 99999')
})

test('full of claims, each of which takes the place of one that ran out: no slower the more there are', async () => {
  await expectLinear((size) => {
    const store = storeOf(size)
    for (let i = 0; i < 2 * size; i++) {
      now += 1
      claim(store, `key ${i}`, 't1', size / 1000)
    }
  }, 4_200)
})

test('one entry is enough for a store, and less is refused with the number', () => {
  const store = storeOf(1)
  for (const key of ['a', 'b']) handle(store, key)
  expect(claim(store, 'b')).toEqual({ state: 'done' })
  expect(() => memoryStore({ maxEntries: 0.5 })).toThrow('maxEntries must be 1 or more, not 0.5')
})

test.each([{ maxEntries: 0 }, { maxEntries: Number.NaN }, { max: 3 }, { now: 7 }])(
  '%p is refused',
  (options) => {
    expect(() => memoryStore(options as never)).toThrow(TypeError)
  },
)

test('100000 deliveries are remembered by default', () => {
  const store = storeOf()
  for (let i = 0; i < 100_000; i++) claim(store, `msg_${i}`)
  expect(() => claim(store, 'another')).toThrow(/in progress: raise maxEntries/)
})
