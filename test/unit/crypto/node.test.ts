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

test.each(['x'.repeat(300), 'é'.repeat(150), '€'.repeat(100)])(
  'mac is what createHmac says, with a long prefix and a body that just fits behind it or does not',
  (prefix) => {
    const bytes = Uint8Array.from({ length: 32 }, (_, index) => index)
    const key = node.importMacKey(bytes)
    for (let room = 0; room <= 1_000; room += 25) {
      const body = Buffer.alloc(65_536 - room, 'x')
      const expected = createHmac('sha256', bytes).update(prefix).update(body).digest('base64')
      expect(node.mac(key, prefix, body)).toBe(expected)
    }
  },
)
