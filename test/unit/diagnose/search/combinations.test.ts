import { expect, test } from '@jest/globals'
import { combinations } from '../../../../src/diagnose/search/combinations.js'
import type { Variant } from '../../../../src/diagnose/variants.js'

/** `changes` holds a change for each asterisk. A question mark makes it a guess. */
function variant(name: string): Variant<string> {
  const changes = Array.from(name.replace(/[^*]/g, ''), () => ({
    code: 'body_whitespace' as const,
    ...(name.includes('?') && { guess: true as const }),
  }))
  return { value: name, changes }
}

function namesOf(count: number, keys: string[], bodies: string[], prefixes: string[]): string[] {
  const space = {
    keys: keys.map(variant),
    bodies: bodies.map(variant),
    prefixes: prefixes.map(variant),
  }
  return [...combinations(space, count)].map(
    ({ key, body, prefix }) => key.value + body.value + prefix.value,
  )
}

test('without a change there is what arrived', () => {
  expect(namesOf(0, ['k', 'K*'], ['b', 'B*'], ['p', 'P*'])).toEqual(['kbp'])
})

test('one change each, the likely ones of every side before the odd ones of any', () => {
  expect(namesOf(1, ['k', 'K*', 'L*'], ['b', 'B*'], ['p', 'P*', 'Q*'])).toEqual([
    'K*bp',
    'kB*p',
    'kbP*',
    'L*bp',
    'kbQ*',
  ])
})

test('two changes: each pair once, by the sum of their places', () => {
  const found = namesOf(2, ['k', 'K*', 'L*', 'M**'], ['b', 'B*', 'C*'], ['p'])
  expect(found).toEqual(['M**bp', 'K*B*p', 'K*C*p', 'L*B*p', 'L*C*p'])
})

test('a guessed key is tried alone', () => {
  expect(namesOf(1, ['k', '?*'], ['b', 'B*'], ['p'])).toEqual(['?*bp', 'kB*p'])
  expect(namesOf(2, ['k', '?*'], ['b', 'B*'], ['p'])).toEqual([])
})

test('there are no combinations if one side is empty', () => {
  expect(namesOf(1, [], ['b'], ['p'])).toEqual([])
  expect(namesOf(3, ['k'], ['b'], ['p'])).toEqual([])
})
