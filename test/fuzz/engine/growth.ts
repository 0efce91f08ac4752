import { at, type Json, pathsOf, withAt } from './json.js'
import type { Random } from './random.js'

const SMALL = 4_000
const FACTOR = 8
// Linear work grows 8 times, quadratic work 64 times.
const MOST = 26
/** Less than this is noise, in milliseconds. */
const LEAST = 30
const ROUNDS = 8

export type Work = (input: Json) => Promise<unknown>

/** A text of the input with a short part of it repeated many times, in two sizes; `undefined` if the input has no text. */
export function pumped(
  input: Json,
  random: Random,
): readonly [small: Json, large: Json] | undefined {
  const texts = pathsOf(input).filter((path) => typeof at(input, path) === 'string')
  if (texts.length === 0) return undefined
  const path = random.pick(texts)
  const text = String(at(input, path))
  const start = random.below(text.length + 1)
  const part = text.slice(start, start + 1 + random.below(4)) || ' '
  const [before, after] = [text.slice(0, start), text.slice(start)]
  const repeated = (size: number) =>
    withAt(input, path, () => before + part.repeat(Math.ceil(size / part.length)) + after)
  return [repeated(SMALL), repeated(SMALL * FACTOR)]
}

/** How many times longer the larger input takes, if that is more than linear; `undefined` if all is well. A bad ratio is measured again. */
export async function overLinear(
  [small, large]: readonly [Json, Json],
  work: Work,
): Promise<number | undefined> {
  let [least, most] = [Infinity, Infinity]
  for (let round = 0; round < ROUNDS; round++) {
    most = Math.min(most, await timeOf(() => work(large)))
    if (most < LEAST) return undefined
    least = Math.min(least, await timeOf(() => work(small)), await timeOf(() => work(small)))
    if (most / least < MOST) return undefined
  }
  return most / least
}

/** Milliseconds of processor time, so that other processes do not count. */
async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}
