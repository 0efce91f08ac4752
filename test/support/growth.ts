import { expect } from '@jest/globals'

const FACTOR = 32
// Linear work grows 32 times, quadratic work 1024 times. Below a twentieth of a millisecond there is only noise.
const MOST = 256
const LEAST_TIME = 0.05
const ROUNDS = 12
const SMALL_RUNS = 8

/**
 * Work that grows with the input, not with its square.
 * The best time of each size counts and a bad ratio is measured again, so that garbage collection cannot fail it; quadratic work always does.
 */
export async function expectLinear(work: (size: number) => unknown, size: number): Promise<void> {
  let small = Number.POSITIVE_INFINITY
  let large = Number.POSITIVE_INFINITY
  let ratio = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS && ratio >= MOST; round++) {
    // The first times include the compilation.
    for (let i = 0; i < SMALL_RUNS; i++) small = Math.min(small, await timeOf(() => work(size)))
    large = Math.min(large, await timeOf(() => work(size * FACTOR)))
    ratio = large / Math.max(small, LEAST_TIME)
  }
  expect(ratio).toBeLessThan(MOST)
}

/** Milliseconds of processor time, so that other processes do not count. */
async function timeOf(work: () => unknown): Promise<number> {
  const start = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}
