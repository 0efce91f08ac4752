import { expect, test } from '@jest/globals'
import { captureBody, listHeaders } from '../../../src/diagnose/capture.js'

test.each([
  ['a record', { 'X-A': '1', b: ['2', '3'], c: undefined }],
  [
    'pairs',
    [
      ['x-a', '1'],
      ['b', '2'],
      ['b', '3'],
    ] as [string, string][],
  ],
  ['Node’s flat list', ['X-A', '1', 'b', '2', 'B', '3']],
  [
    'a Map',
    new Map([
      ['X-A', '1'],
      ['b', '2, 3'],
    ]),
  ],
  [
    'Headers',
    new Headers([
      ['x-a', '1'],
      ['b', '2'],
      ['b', '3'],
    ]),
  ],
])('headers from %s', (_, headers) => {
  expect(new Map(listHeaders(headers, []))).toEqual(
    new Map([
      ['x-a', '1'],
      ['b', '2, 3'],
    ]),
  )
})

test('of get(name) alone the known names are asked', () => {
  const headers = { get: (name: string) => (name === 'svix-id' ? 'msg' : undefined) }
  expect(listHeaders(headers, ['webhook-id', 'svix-id'])).toEqual([['svix-id', 'msg']])
  expect(listHeaders(undefined as never, ['a'])).toEqual([])
})

test('bodies: bytes, text, and what is left of a parsed one', () => {
  const bytes = Uint8Array.of(1, 2)
  expect(captureBody(bytes)).toEqual({ body: bytes, parsed: false, unread: false })
  expect(captureBody(bytes.buffer)).toEqual({ body: bytes, parsed: false, unread: false })
  expect(captureBody('é')).toEqual({
    body: Uint8Array.of(0xc3, 0xa9),
    parsed: false,
    unread: false,
  })
  expect(captureBody(null)).toEqual({ body: new Uint8Array(0), parsed: false, unread: false })
  const { body, parsed } = captureBody({ a: 1 })
  expect([Buffer.from(body).toString(), parsed]).toEqual(['{"a":1}', true])
  expect(captureBody(undefined)).toEqual({ body: new Uint8Array(0), parsed: false, unread: true })
})
