import { createHmac } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { isThenable } from '../../../src/base/awaitable.js'
import * as node from '../../../src/crypto/node.js'
import * as web from '../../../src/crypto/web.js'
import { describeBackend } from '../../support/crypto-backend.js'

describeBackend('node', node)

test('both backends export the same', () => {
  expect(Object.keys(node).sort()).toEqual(Object.keys(web).sort())
})

test('it answers at once', () => {
  expect(isThenable(node.mac(node.importMacKey(new Uint8Array(32)), '', new Uint8Array(0)))).toBe(
    false,
  )
})

test.each([0, 1, 31, 32, 63, 64, 65, 128, 200])(
  'mac is what createHmac says, with a key of %i bytes and bodies of any length',
  (length) => {
    const bytes = Uint8Array.from({ length }, (_, index) => index * 5 + 1)
    const key = node.importMacKey(bytes)
    for (const size of [0, 1, 64, 1000, 65_400, 65_465, 65_466, 65_467, 65_472, 70_000]) {
      const body = Buffer.alloc(size, 'Zoë')
      const expected = createHmac('sha256', bytes).update('é.').update(body).digest('base64')
      expect(node.mac(key, 'é.', body)).toBe(expected)
    }
  },
)
