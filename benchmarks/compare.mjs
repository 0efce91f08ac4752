// Two sides of a ratio: each measurement in a fresh process, the order reversed each round, medians of the rounds.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { duration, median, rate } from './statistics.mjs'

export const ROUNDS = Number(process.env.ROUNDS ?? 7)
const here = import.meta.dirname
const exec = promisify(execFile)

/** What a program in a process of its own prints as its last line. */
export async function numberFrom(program, args) {
  const { stdout } = await exec(program, args, { cwd: here, maxBuffer: 1e8 })
  const value = Number(stdout.trim().split('\n').at(-1))
  if (!Number.isFinite(value)) throw new Error(`${program} ${args.join(' ')} printed: ${stdout}`)
  return value
}

/** Nanoseconds per call of one contestant of a piece. */
export function timed(piece, contestant) {
  return () => numberFrom(process.execPath, ['time.mjs', piece, contestant])
}

/** Runs both sides `rounds` times. Ratio and difference are medians of each round's own, so that a slow minute hits both sides. */
export async function compare(first, second, rounds = ROUNDS) {
  const pairs = []
  for (let round = 0; round < rounds; round++) {
    const pair = {}
    const sides = [
      ['first', first],
      ['second', second],
    ]
    for (const [side, run] of round % 2 ? sides.reverse() : sides) pair[side] = await run()
    pairs.push(pair)
  }
  return {
    first: median(pairs.map((pair) => pair.first)),
    second: median(pairs.map((pair) => pair.second)),
    ratio: median(pairs.map((pair) => pair.first / pair.second)),
    difference: median(pairs.map((pair) => pair.first - pair.second)),
  }
}

/** A row of the table: our time as a multiple of theirs, at most `most`. */
export async function timeRatio({ measure, ours, theirs, most }) {
  const { first, second, ratio } = await compare(ours, theirs)
  return {
    measure,
    ours: duration(first),
    theirs: duration(second),
    ratio: `${ratio.toFixed(2)} ×`,
    target: `≤ ${most} ×`,
    met: ratio <= most,
  }
}

/** A row of the table: how many times their time is ours, at least `least`. */
export async function speedRatio({ measure, ours, theirs, least }) {
  const { first, second, ratio } = await compare(theirs, ours)
  return {
    measure,
    ours: duration(second),
    theirs: duration(first),
    ratio: `${ratio.toFixed(2)} ×`,
    target: `≥ ${least} ×`,
    met: ratio >= least,
  }
}

/** A row of the table: our requests per second as a multiple of theirs, at least `least`. */
export async function rateRatio({ measure, ours, theirs, least }) {
  const { first, second, ratio } = await compare(ours, theirs)
  return {
    measure,
    ours: rate(first),
    theirs: rate(second),
    ratio: `${ratio.toFixed(2)} ×`,
    target: `≥ ${least} ×`,
    met: ratio >= least,
  }
}
