import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { jsonStyles } from '../../../../src/diagnose/body/json-styles.js'

const texts = (text: string): string[] =>
  [...jsonStyles(text)].map(({ bytes }) => Buffer.from(bytes).toString())

test('every style is JSON of the same value, give or take a number', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const withoutNumbers = (json: string): string =>
        JSON.stringify(sorted(JSON.parse(json)), (_, value) =>
          typeof value === 'number' ? 0 : value,
        )
      const wanted = withoutNumbers(text)
      expect(texts(text).filter((style) => withoutNumbers(style) !== wanted)).toEqual([])
    }),
    { numRuns: 30 },
  )
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.map(([key, member]) => [key, sorted(member)])
}

test.each([
  [
    'JSON.stringify with an indent',
    '{"a":[1,{}],"b":[]}',
    '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": []\n}',
  ],
  ['Python', '{"a":"é","b":[1,2]}', '{"a": "\\u00e9", "b": [1, 2]}'],
  ['PHP', '{"a":"é/"}', '{"a":"\\u00e9\\/"}'],
  ['Go', '{"a":"<&>"}', '{"a":"\\u003c\\u0026\\u003e"}'],
  ['escapes resolved', '{"a": "\\u00e9"}', '{"a": "é"}'],
  ['braces inside strings are text', '{"{":"}[,:"}', '{\n  "{": "}[,:"\n}'],
  ['a newline behind', '[1, 2]', '[1,2]\n'],
  ['.NET', `{"a":"é'<"}`, '{"a":"\\u00E9\\u0027\\u003C"}'],
  ['.NET, a quote', '{"a":"\\"\\\\"}', '{"a":"\\u0022\\\\"}'],
  ['Gson', '{"a":"="}', '{"a":"\\u003d"}'],
  ['Jackson', '{"a":[{}],"b":[]}', '{\n  "a" : [ { } ],\n  "b" : [ ]\n}'],
  ['CRLF', '[1,[]]', '[\r\n  1,\r\n  []\r\n]'],
])('%s', (_, text, style) => {
  expect(texts(text)).toContain(style)
})

test('numbers are kept as they are written, and tried as they may have been', () => {
  expect(texts('[1.50, 1e3]')).toContain('[1.50,1e3]')
  expect(texts('[1]')).toContain('[1.0]')
  expect(texts('[1000]')).toContain('[1e3]')
  expect(texts('[9007199254740992]')).toContain('[9007199254740993]')
})

test.each([
  ['[1,2.5]', '[1.0,2.50]'],
  ['[1,2.5]', '[1.00,2.50]'],
  ['[1000]', '[1.0E3]'],
  ['[1e+21]', '[1000000000000000000000]'],
  ['[1e-7]', '[0.0000001]'],
  ['[0]', '[-0.0]'],
  ['[1.50]', '[1.5]'],
  ['{"a":1}', '{"a": 1.0}'],
])('%s may have been %s', (text, style) => {
  expect(texts(text)).toContain(style)
})

test('what is indented without measure is left out', () => {
  const deep = `${'['.repeat(99)}${'1,'.repeat(60_000)}1${']'.repeat(99)}`
  let longest = 0
  for (const { bytes } of jsonStyles(deep)) longest = Math.max(longest, bytes.length)
  expect(longest).toBeLessThan(16 * 1024 * 1024)
})

test('text that is not JSON has no styles', () => {
  expect(texts('{')).toEqual([])
  expect(texts('')).toEqual([])
})
