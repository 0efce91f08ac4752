import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createDoneRing } from '../../../src/idempotency/done-ring.js'

test('holds the newest keys, as a list does that is searched and cut', () => {
  const action = fc.oneof(
    fc.record({ add: fc.integer({ min: 0, max: 8 }), ttl: fc.integer({ min: 0, max: 5 }) }),
    fc.constant('dropOldest' as const),
    fc.constant('dropExpired' as const),
  )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(action), (maxEntries, actions) => {
      const ring = createDoneRing(maxEntries)
      let list: { key: string; until: number; digest: string | undefined }[] = []
      actions.forEach((action, now) => {
        if (action === 'dropOldest') {
          expect(ring.dropOldest()).toBe(list.length > 0)
          list = list.slice(1)
        } else if (action === 'dropExpired') {
          ring.dropExpired(now)
          for (let i = 0; i < 2 && list[0] && list[0].until <= now; i++) list = list.slice(1)
        } else {
          const digest = action.ttl % 2 ? `d${now}` : undefined
          const entry = { key: `k${action.add}`, until: now + action.ttl, digest }
          ring.add(entry.key, entry.until, digest)
          list = [...list, entry].slice(-maxEntries)
        }
        expect(ring.size).toBe(list.length)
        for (let i = 0; i <= 8; i++) {
          const newest = list.findLast(({ key }) => key === `k${i}`)
          expect(ring.expiresAt(`k${i}`)).toBe(newest?.until)
          expect(ring.digestOf(`k${i}`)).toBe(newest?.digest)
        }
      })
    }),
  )
})

test('drops at most two expired keys at a time, and none that has not expired', () => {
  const ring = createDoneRing(5)
  for (const [key, until] of [
    ['a', 10],
    ['b', 10],
    ['c', 10],
    ['d', 20],
  ] as const) {
    ring.add(key, until)
  }
  const sizes = [9, 10, 10, 19, 20, 20].map((now) => {
    ring.dropExpired(now)
    return ring.size
  })
  expect(sizes).toEqual([4, 2, 1, 1, 0, 0])
})

test('a key that was added again outlives its older entry, around the end of the ring', () => {
  const ring = createDoneRing(3)
  for (const [until, key] of ['a', 'b', 'a', 'c'].entries()) ring.add(key, until, key + until)
  // The older entry of `a` has made room.
  expect(['a', 'b', 'c'].map((key) => ring.expiresAt(key))).toEqual([2, 1, 3])
  expect(['a', 'b', 'c'].map((key) => ring.digestOf(key))).toEqual(['a2', 'b1', 'c3'])
  expect(ring.digestOf('x')).toBeUndefined()
})
