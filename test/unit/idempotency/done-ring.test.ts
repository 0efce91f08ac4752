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
      let list: { key: string; until: number }[] = []
      actions.forEach((action, now) => {
        if (action === 'dropOldest') {
          expect(ring.dropOldest()).toBe(list.length > 0)
          list = list.slice(1)
        } else if (action === 'dropExpired') {
          ring.dropExpired(now)
          for (let i = 0; i < 2 && list[0] && list[0].until <= now; i++) list = list.slice(1)
        } else {
          const entry = { key: `k${action.add}`, until: now + action.ttl }
          ring.add(entry.key, entry.until)
          list = [...list, entry].slice(-maxEntries)
        }
        expect(ring.size).toBe(list.length)
        for (let i = 0; i <= 8; i++) {
          const newest = list.findLast(({ key }) => key === `k${i}`)
          expect(ring.expiresAt(`k${i}`)).toBe(newest?.until)
        }
      })
    }),
  )
})
