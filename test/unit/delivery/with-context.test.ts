import { inspect } from 'node:util'
import { expect, test } from '@jest/globals'
import { withContext } from '../../../src/delivery/with-context.js'

test('an event has its context, which no logger prints', () => {
  const context = { request: 'the request' }
  const event = withContext({ outcome: 'accepted' }, context)
  expect(event.context).toBe(context)
  expect({ ...event }).toEqual({ outcome: 'accepted' })
  expect(JSON.stringify(event)).toBe('{"outcome":"accepted"}')
  expect(inspect(event, { depth: 9, showHidden: true })).not.toContain('the request')
})

test('two events have a context each', () => {
  const [first, second] = [withContext({}, 1), withContext({}, 2)]
  expect([first.context, second.context]).toEqual([1, 2])
})
