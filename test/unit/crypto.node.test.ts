import { expect, test } from '@jest/globals'
import { isThenable } from '../../src/awaitable.js'
import * as node from '../../src/crypto.node.js'
import * as web from '../../src/crypto.web.js'
import { describeBackend } from '../crypto-backend.js'

describeBackend('node', node)

test('both backends export the same', () => {
  expect(Object.keys(node).sort()).toEqual(Object.keys(web).sort())
})

test('it answers at once', () => {
  expect(isThenable(node.mac(node.importMacKey(new Uint8Array(32)), '', new Uint8Array(0)))).toBe(
    false,
  )
})
