import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { printable, printableLines } from '../../../src/base/printable.js'

test.each([
  ['an escape sequence', '\x1b[2J\x1b]52;c;cm0=\x07', '\\u001b[2J\\u001b]52;c;cm0=\\u0007'],
  ['line breaks', 'a\r\nb\u2028c\u2029', 'a\\u000d\\u000ab\\u2028c\\u2029'],
  ['C1 controls, which some terminals obey', '\x9b2J\x7f', '\\u009b2J\\u007f'],
  ['bidirectional characters', '\u202eabc\u2066\u200f\u061c', '\\u202eabc\\u2066\\u200f\\u061c'],
  ['invisible characters', 'a\u200b\ufeff\u00ad', 'a\\u200b\\ufeff\\u00ad'],
  ['characters of two units', '\u{e0041}', '\\udb40\\udc41'],
  ['half a pair', 'a\ud800', 'a\\ud800'],
  ['text of any language', 'Zoë 日本語 🎉 "\\n"', 'Zoë 日本語 🎉 "\\n"'],
])('%s', (_, text, expected) => {
  expect(printable(text)).toBe(expected)
})

test('line feeds can stay, and nothing else', () => {
  expect(printableLines('{\n  "a": "\x9b"\r\n}')).toBe('{\n  "a": "\\u009b"\\u000d\n}')
})

test('JSON text stays JSON of the same value', () => {
  fc.assert(
    fc.property(fc.anything({ values: [fc.string({ unit: 'binary' })] }), (value) => {
      const text = JSON.stringify(value, null, 2) ?? 'null'
      expect(JSON.parse(printableLines(text))).toEqual(JSON.parse(text))
    }),
    { numRuns: 30 },
  )
})
