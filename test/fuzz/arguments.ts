import { parseArgs } from 'node:util'

/** What was asked for on the command line. */
export interface Wanted {
  readonly minutes: number
  readonly target: string | undefined
  readonly seed: number
  /** A file with one input, which is run alone. */
  readonly input: string | undefined
  /** Writes inputs that reach new code into the corpus. */
  readonly keep: boolean
}

export function parseWanted(args: readonly string[]): Wanted {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '1' },
      target: { type: 'string' },
      seed: { type: 'string' },
      input: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  })
  const { target, input, keep } = values
  const minutes = Number(values.minutes)
  const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed)
  if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
    throw new TypeError(
      'npm run fuzz -- --minutes N [--target NAME] [--seed S] [--input FILE] [--keep]',
    )
  }
  return { minutes, target, seed, input, keep }
}
