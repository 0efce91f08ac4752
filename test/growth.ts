import { expect } from '@jest/globals'

const RUNS = 7
const FACTOR = 32
// Linear work grows 32 times, quadratic work 1024 times; and below a twentieth of a millisecond there is only noise.
const MOST = 256
const LEAST_TIME = 0.05

/** Work that grows with the input, not with its square. The best of several runs is compared, so that a busy machine does not matter. */
export async function expectLinear(work: (size: number) => unknown, size: number): Promise<void> {
  await best(work, size)
  const small = Math.max(await best(work, size), LEAST_TIME)
  const large = await best(work, size * FACTOR)
  expect(large / small).toBeLessThan(MOST)
}

async function best(work: (size: number) => unknown, size: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now()
    await work(size)
    least = Math.min(least, performance.now() - start)
  }
  return least
}
