import { describe, expect, test } from '@jest/globals'
import { createGrowingBytes } from '../../../src/base/growing-bytes.js'
import { expectLinear } from '../../support/growth.js'

const one = Uint8Array.of(7)

describe('createGrowingBytes', () => {
  test('the chunks in their order, copied', () => {
    const whole = createGrowingBytes(10)
    const chunk = Uint8Array.of(1, 2)
    for (const bytes of [chunk, new Uint8Array(0), Uint8Array.of(3)]) whole.add(bytes)
    chunk.fill(9)
    expect([...whole.bytes()]).toEqual([1, 2, 3])
    expect(createGrowingBytes(10).bytes()).toHaveLength(0)
  })
  test('exactly the limit is taken, one byte more is not', () => {
    const whole = createGrowingBytes(2)
    expect([whole.add(one), whole.add(one), whole.add(one)]).toEqual([true, true, false])
    expect([...whole.bytes()]).toEqual([7, 7])
    expect(createGrowingBytes(0).add(one)).toBe(false)
  })
  test.each([undefined, 0, 1, 999, 1000, 1001])(
    'it is never more than twice as long as what was added (expected: %p)',
    (expected) => {
      const whole = createGrowingBytes(100_000, expected)
      for (let length = 1; length <= 3000; length++) {
        whole.add(one)
        expect(whole.bytes().buffer.byteLength).toBeLessThanOrEqual(2 * length)
      }
    },
  )
  test('it is exactly as long as expected if that much comes', () => {
    const whole = createGrowingBytes(100_000, 1000)
    for (let length = 0; length < 1000; length++) whole.add(one)
    expect(whole.bytes().buffer.byteLength).toBe(1000)
  })
  test.each([undefined, 0, 10])(
    'time is linear in 1-byte chunks (expected: %p)',
    async (expected) => {
      await expectLinear((size) => {
        const whole = createGrowingBytes(size, expected)
        for (let i = 0; i < size; i++) whole.add(one)
      }, 2_000)
    },
  )
})
