import { describe, expect, test } from '@jest/globals'
import { readEventBody } from 'countersign/http'

const every = Uint8Array.from({ length: 256 }, (_, byte) => byte)
const LIMIT = 1024

describe('readEventBody', () => {
  test('base64 to bytes, whatever they are', () => {
    const body = Buffer.from(every).toString('base64')
    expect(readEventBody({ body, isBase64Encoded: true }, {}, LIMIT)).toEqual(every)
  })
  test('text to UTF-8, and nothing to no bytes', () => {
    const bytes = readEventBody({ body: 'Zo\u00eb' }, {}, LIMIT)
    expect([...bytes]).toEqual([0x5a, 0x6f, 0xc3, 0xab])
    for (const body of [null, undefined, '']) {
      expect(readEventBody({ body }, {}, LIMIT)).toHaveLength(0)
    }
  })
  test('the limit is in bytes, not in characters, and not in base64', () => {
    expect(readEventBody({ body: '\u00eb' }, {}, 2)).toHaveLength(2)
    expect(() => readEventBody({ body: '\u00eb' }, {}, 1)).toThrow(
      expect.objectContaining({ code: 'body_too_large' }),
    )
    const body = Buffer.from('abc').toString('base64')
    expect(readEventBody({ body, isBase64Encoded: true }, {}, 3)).toHaveLength(3)
  })
  test.each([
    ['a parsed body', { body: { a: 1 } as never }, {}, /holds a parsed body/],
    [
      'a parsed body that was base64',
      { body: { a: 1 } as never, isBase64Encoded: true },
      {},
      /holds a parsed body/,
    ],
    ['what is no base64', { body: '{"a":1}', isBase64Encoded: true }, {}, /says .* base64/],
    ['replaced bytes', { body: '\uFFFD' }, { 'Content-Length': '1' }, /binaryMediaTypes/],
    ['replaced bytes of unknown length', { body: '\uFFFD' }, {}, /binaryMediaTypes/],
  ])('%s: body_unavailable, and the message names the cause', (_case, event, headers, cause) => {
    const message = expect.stringMatching(cause)
    expect(() => readEventBody(event, headers, LIMIT)).toThrow(
      expect.objectContaining({ code: 'body_unavailable', message }),
    )
  })
  test('what is no base64 has the error of the runtime as its cause', () => {
    const read = () => readEventBody({ body: '{"a":1}', isBase64Encoded: true }, {}, LIMIT)
    expect(read).toThrow(
      expect.objectContaining({
        cause: expect.objectContaining({ name: 'InvalidCharacterError' }),
      }),
    )
  })
  test('a replacement character that was sent is a character like any other', () => {
    const bytes = readEventBody({ body: '\uFFFD' }, { 'Content-Length': '3' }, LIMIT)
    expect([...bytes]).toEqual([0xef, 0xbf, 0xbd])
  })
})
