import { expect, test } from '@jest/globals'
import { provingKey } from '../../../src/sources/proving-key.js'

test.each([
  ['at once', (right: boolean) => right],
  ['later', async (right: boolean) => right],
])('a key that answers %s reports its first delivery, once', async (_, answer) => {
  let proofs = 0
  const answers = [false, true, false, true]
  const asked: unknown[][] = []
  const key = {
    keyId: 'abc',
    scheme: 'v1',
    matches: (...signed: unknown[]) => {
      asked.push(signed)
      return answer(answers.shift() ?? false)
    },
  } as const
  const proving = provingKey(key, () => proofs++)
  expect(proving).toMatchObject({ keyId: 'abc', scheme: 'v1' })
  const counts = []
  for (const right of [...answers]) {
    expect(await proving.matches(['v1,x'], 'id.1.', Buffer.of(7))).toBe(right)
    counts.push(proofs)
  }
  expect(counts).toEqual([0, 1, 1, 1])
  expect(asked[3]).toEqual([['v1,x'], 'id.1.', Buffer.of(7)])
})
