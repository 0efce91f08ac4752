import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isWebhookError } from '../../../src/base/errors.js'
import { parseHeaders } from '../../../src/delivery/headers.js'
import { assertFresh, parseTimestamp } from '../../../src/delivery/timestamp.js'
import { codeOf, DEFAULT, GOOD } from '../../support/three-headers.js'

describe('timestamp', () => {
  const spelt = (text: string): string => codeOf({ ...GOOD, 'webhook-timestamp': text })

  test('is decimal digits and nothing else', () => {
    const unit = fc.constantFrom(
      ...'0123456789',
      '+',
      '-',
      '.',
      'e',
      'x',
      ' ',
      '\n',
      '０',
      '٣',
      ',',
    )
    const text = fc.oneof(
      fc.string({ unit, maxLength: 14 }),
      fc.bigInt({ min: 0n, max: 10n ** 40n }).map(String),
      fc.double().map(String),
    )
    fc.assert(
      fc.property(
        text.filter((text) => !text.includes(', ')),
        (text) => {
          const isPlain = [...text].every((char) => char >= '0' && char <= '9') && text !== ''
          const isCanonical = isPlain && String(BigInt(text)) === text
          expect(spelt(text)).toBe(isCanonical && text.length !== 13 ? 'read' : 'header_malformed')
        },
      ),
      { numRuns: 1000 },
    )
  })

  test.each([
    ['1700000000000', 'webhook-timestamp is in milliseconds (13 digits); send seconds'],
    ...['+1700000000000', '1700000000000 ', '1700000000000.5', '01700000000000', '1e12'].map(
      (text) => [text, 'webhook-timestamp must be seconds since the epoch, in digits only'],
    ),
  ])('13 digits get a hint, and nothing else does: %p', (text, message) => {
    expect(() => parseTimestamp(text)).toThrow(message)
  })

  test('comes out as it was written, for the MAC', () => {
    const { timestamp } = parseHeaders({ ...GOOD, 'webhook-timestamp': '9'.repeat(30) }, DEFAULT)
    expect(timestamp).toBe('9'.repeat(30))
  })
})

describe('assertFresh', () => {
  function verdict(age: number, tolerance: number): string {
    try {
      assertFresh(age, tolerance)
      return 'fresh'
    } catch (error) {
      if (!isWebhookError(error)) throw error
      return `${error.code}: ${error.message}`
    }
  }

  test.each([0, 1, -1, 299.999, 300, -300])(
    'an age of %p s is fresh, both ends included',
    (age) => {
      expect(verdict(age, 300)).toBe('fresh')
    },
  )

  test.each<[number, number, RegExp]>([
    [300.001, 300, /^timestamp_too_old: .* 300 s old .* tolerance is 300 s.*held up$/],
    [-300.001, 300, /^timestamp_too_new: .* 300 s ahead of this clock .* tolerance is 300 s/],
    [0.5, 0, /^timestamp_too_old: .* 1 s old/],
    [-0.5, 0, /^timestamp_too_new: .* ahead of this clock/],
    [Infinity, 300, /^timestamp_too_old/],
    [-Infinity, 300, /^timestamp_too_new/],
    [NaN, 300, /^timestamp_too_new/],
  ])('an age of %p s with a tolerance of %p s is refused', (age, tolerance, expected) => {
    expect(verdict(age, tolerance)).toMatch(expected)
  })

  test('only a delivery that is too old may have been held up', () => {
    expect(verdict(-500, 300)).toMatch(/sender and receiver$/)
  })
})
