import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createHolders } from '../../../src/idempotency/holders.js'

test('holds the newest claim of each key, oldest first, as a list does that is searched and cut', () => {
  const key = fc.integer({ min: 0, max: 5 }).map((i) => `k${i}`)
  const action = fc.oneof(fc.record({ add: key }), fc.record({ delete: key }))
  fc.assert(
    fc.property(fc.array(action), (actions) => {
      const holders = createHolders()
      let list: string[] = []
      actions.forEach((action, until) => {
        const name = 'add' in action ? action.add : action.delete
        const rest = list.filter((other) => other !== name)
        if ('add' in action) holders.add({ key: name, token: 't', until })
        else expect(holders.delete(name)).toBe(rest.length < list.length)
        list = 'add' in action ? [...rest, name] : rest
        expect(holders.size).toBe(list.length)
        expect(holders.oldest()?.key).toBe(list[0])
        for (let i = 0; i <= 5; i++) {
          expect(holders.get(`k${i}`)?.key).toBe(list.find((other) => other === `k${i}`))
        }
      })
    }),
  )
})
