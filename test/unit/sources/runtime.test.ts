import { expect, test } from '@jest/globals'
import * as everywhere from '../../../src/sources/runtime.default.js'
import * as workerd from '../../../src/sources/runtime.workerd.js'

test('only on Workers a promise belongs to the request that made it', () => {
  expect(everywhere).toEqual({ sharesPromises: true })
  expect(workerd).toEqual({ sharesPromises: false })
})
