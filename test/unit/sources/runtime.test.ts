import { expect, test } from '@jest/globals'
import type { Flight } from '../../../src/sources/flights.js'
import * as everywhere from '../../../src/sources/runtime.default.js'
import * as workerd from '../../../src/sources/runtime.workerd.js'

test('only on Workers a flight belongs to the request that made it', () => {
  const [shared, own] = [everywhere.createFlights(), workerd.createFlights()]
  expect([shared.areShared, own.areShared]).toEqual([true, false])
  const [first, second] = [flight(), flight()]
  for (const flights of [shared, own]) flights.depart(first)
  expect([shared.current(), own.current()]).toEqual([first, undefined])
  shared.depart(second)
  shared.land(first)
  expect(shared.current()).toBe(second)
  shared.land(second)
  expect(shared.current()).toBeUndefined()
})

function flight(): Flight {
  const over = Promise.resolve(undefined)
  return { ready: over, landed: over, done: over }
}
