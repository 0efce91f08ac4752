import { describe, expect, test } from '@jest/globals'
import { doubtAbout, textBytes } from '../../../src/http/text-body.js'
import { expectLinear } from '../../support/growth.js'

const text = 'Zo\u00eb'

describe('textBytes', () => {
  test.each([
    ['as long as was sent', { 'content-length': '4' }],
    ['in another case of the header name', { 'Content-Length': '4' }],
    ['UTF-8', { 'content-length': '4', 'content-type': 'text/plain; charset = "UTF-8"' }],
    ['UTF-8 without quotes', { 'content-length': '4', 'content-type': 'text/plain;charset=utf-8' }],
    [
      'UTF-8 without a hyphen',
      { 'content-length': '4', 'content-type': 'text/plain;charset=utf8' },
    ],
    ['no charset', { 'content-length': '4', 'content-type': 'application/json' }],
  ])('counts: %s', (_name, headers) => {
    const bytes = textBytes(text, { headers })
    expect(Buffer.from(bytes ?? []).toString()).toBe(text)
    expect(doubtAbout(bytes)).toBeUndefined()
  })
  test.each([
    ['nothing says how long it was', {}],
    ['it is longer than what was sent', { 'content-length': '3' }],
    ['it is shorter than what was sent, as without a byte order mark', { 'content-length': '7' }],
    ['the length is no number', { 'content-length': '4, 4' }],
    ['another charset', { 'content-length': '4', 'content-type': 'text/plain; charset=latin1' }],
    ['another charset', { 'content-length': '4', 'content-type': 'text/plain; charset=utf-16' }],
    ['another charset', { 'content-length': '4', 'content-type': 'text/plain; charset = utf-16' }],
    ['another charset', { 'content-length': '4', 'content-type': 'text/plain; charset=utf-80' }],
  ])('does not count: %s', (_name, headers) => {
    expect(textBytes(text, { headers })).toBeUndefined()
  })
  test('text that was certainly UTF-8 counts without a length, but not against one', () => {
    expect(textBytes(text, { headers: {}, isUtf8: true })).toHaveLength(4)
    expect(textBytes(text, { headers: { 'content-length': '3' }, isUtf8: true })).toBeUndefined()
  })
  test('U+FFFD of the right length may be the sender’s own: the signature decides', () => {
    for (const isUtf8 of [true, false]) {
      const bytes = textBytes('\uFFFD', { headers: { 'content-length': '3' }, isUtf8 })
      expect(bytes).toHaveLength(3)
      expect(doubtAbout(bytes)).toMatchObject({
        code: 'body_unavailable',
        message: expect.stringMatching(/U\+FFFD.*verify before the parser.*base64/),
      })
      expect(textBytes('\uFFFD', { headers: {}, isUtf8 })).toBeUndefined()
      expect(textBytes('\uFFFD', { headers: { 'content-length': '1' }, isUtf8 })).toBeUndefined()
    }
  })
  test.each([undefined, null, 1, {}, [], Buffer.from('a')])('%p is not text', (value) => {
    expect(textBytes(value, { headers: {}, isUtf8: true })).toBeUndefined()
  })
  test.each(['charset', 'charset ', 'charset="', 'charset=utf-8;', ' ', '\u00a0', '"', '='])(
    'a Content-Type of many %p takes linear time',
    async (piece) => {
      await expectLinear((size) => {
        textBytes('a', { headers: { 'content-type': piece.repeat(size), 'content-length': '1' } })
      }, 2000)
    },
  )
})
