import { expect, test } from '@jest/globals'
import { isForgotten, joinForgotten } from '../../../src/sources/forgotten.js'

test('a key is in the joined list once, with the last time it was forgotten', () => {
  const [early, late] = [
    { keyId: 'a', at: 1 },
    { keyId: 'a', at: 5 },
  ]
  const other = { keyId: 'b', at: 3 }
  for (const lists of [
    [[early], [late, other]],
    [[other, late], [early]],
    [[late, early, other]],
  ]) {
    expect(joinForgotten(...lists)).toEqual([late, other])
  }
  expect(joinForgotten()).toEqual([])
})

test('the list keeps its 1,000 newest keys, whichever list they come from', () => {
  const all = Array.from({ length: 1_200 }, (_, at) => ({ keyId: `key ${at}`, at }))
  const joined = joinForgotten(all.slice(0, 700), all.slice(700))
  expect(joined).toEqual(all.slice(200).reverse())
})

test('what was known up to 31 seconds after a key was forgotten does not bring it back', () => {
  const forgotten = [{ keyId: 'a', at: 100_000 }]
  expect([0, 131_000, 131_001].map((at) => isForgotten(forgotten, 'a', at))).toEqual([
    true,
    true,
    false,
  ])
  expect(isForgotten(forgotten, 'b', 0)).toBe(false)
})
