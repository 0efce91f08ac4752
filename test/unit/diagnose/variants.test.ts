import { expect, test } from '@jest/globals'
import { createVariants, mergeChanges } from '../../../src/diagnose/variants.js'

test('of two variants that are the same the first stays, and nothing is no variant', () => {
  const { add, list } = createVariants<string>((value) => value)
  add('a')
  add('a', { code: 'body_whitespace' })
  add(undefined, { code: 'body_whitespace' })
  add('b', { code: 'body_whitespace' })
  expect(list).toEqual([
    { value: 'a', changes: [] },
    { value: 'b', changes: [{ code: 'body_whitespace' }] },
  ])
})

test('changes of one kind are one, with both details', () => {
  expect(
    mergeChanges([
      { code: 'header_names', detail: 'a' },
      { code: 'body_whitespace' },
      { code: 'header_names', detail: 'b' },
      { code: 'header_names', detail: 'b' },
      { code: 'body_whitespace', detail: 'c' },
    ]),
  ).toEqual([
    { code: 'header_names', detail: 'a; b; b' },
    { code: 'body_whitespace', detail: 'c' },
  ])
})
