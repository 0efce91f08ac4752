import { expect, test } from '@jest/globals'
import { contentLength } from '../../../src/http/content-length.js'

test.each([
  ['0', 0],
  ['1048576', 1_048_576],
  ['999999999999999', 999_999_999_999_999],
])('%p is a length', (header, length) => {
  expect(contentLength(header)).toBe(length)
})

test.each([
  undefined,
  null,
  7,
  ['7'],
  '',
  ' 7',
  '7 ',
  '+7',
  '-7',
  '7.0',
  '7e3',
  '0x7',
  '7, 7',
  '\u0667',
  // Longer than any body, and too long to be an exact number.
  '1000000000000000',
])('%p is not', (header) => {
  expect(contentLength(header)).toBeUndefined()
})
