import { expect, test } from '@jest/globals'
import { expectLinear } from '../support/growth.js'

const steps = (count: number): number => {
  let sum = 0
  for (let i = 0; i < count; i++) sum ^= i
  return sum
}

test('the check of growth lets linear work pass, and sees quadratic work', async () => {
  await expectLinear((size) => steps(size * 1000), 200)
  await expect(expectLinear((size) => steps(size ** 2), 200)).rejects.toThrow('toBeLessThan')
})
