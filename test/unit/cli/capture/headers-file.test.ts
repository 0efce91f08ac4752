import { expect, test } from '@jest/globals'
import { parseHeadersFile } from '../../../../src/cli/capture/headers-file.js'
import { expectLinear } from '../../../support/growth.js'

test('a JSON object, with one value or several', () => {
  expect(parseHeadersFile('{"webhook-id": "a", "n": 1, "webhook-signature": ["b", "c"]}')).toEqual([
    ['webhook-id', 'a'],
    ['n', '1'],
    ['webhook-signature', 'b'],
    ['webhook-signature', 'c'],
  ])
})

test.each([
  ['pairs', '[["webhook-id", "a"], ["n", "1"]]'],
  ['Node’s flat list', '["webhook-id", "a", "n", "1"]'],
])('%s in JSON', (_, text) => {
  expect(parseHeadersFile(text)).toEqual([
    ['webhook-id', 'a'],
    ['n', '1'],
  ])
})

test('lines, as curl -v and proxies show them', () => {
  const text = 'POST /webhooks HTTP/1.1\r\n> Host: a.example\r\n> Webhook-Id:  msg_1 \r\n\r\n* x\n'
  expect(parseHeadersFile(text)).toEqual([
    ['Host', 'a.example'],
    ['Webhook-Id', 'msg_1'],
  ])
})

test.each(['', '{', 'nothing', '{}', '[]', '[1]'])('no headers: %p', (text) => {
  expect(() => parseHeadersFile(text)).toThrow(TypeError)
})

test.each([' ', '\u00a0', ' x', '<', 'a', 'a:', ':', '\n', '\r', 'a: b\n'])(
  'many %p take linear time',
  async (piece) => {
    await expectLinear((size) => {
      try {
        parseHeadersFile(`a: ${piece.repeat(size)}x`)
      } catch {
        // It may hold no header.
      }
    }, 1000)
  },
)
