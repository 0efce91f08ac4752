import { parseArgs } from 'node:util'

export const HELP = `countersign: sign, verify and diagnose webhook deliveries (Standard Webhooks)

  countersign diagnose --headers FILE --body FILE [--now TIME] [--tolerance SECONDS] [--json]
      Says why a captured delivery does not verify.
  countersign verify --headers FILE --body FILE [--now TIME] [--tolerance SECONDS]
      Exit code 0 if it verifies, 1 if not.
  countersign sign --body FILE [--id ID] [--timestamp SECONDS]
      Prints the three headers.
  countersign secret
      Prints a new random secret.
  countersign --version, countersign --help

The secret is read from COUNTERSIGN_SECRET (several: separated by spaces), previous ones for diagnose from
COUNTERSIGN_PREVIOUS_SECRET; never from an argument, as others can see those.
FILE may be - for standard input. Headers: JSON, or lines of "Name: value". TIME: seconds since the epoch, or whatever
Date can read. Exit codes: 0 for yes, 1 for no, 2 where it could not be run.
`

const OPTIONS = {
  headers: { type: 'string' },
  body: { type: 'string' },
  now: { type: 'string' },
  tolerance: { type: 'string' },
  id: { type: 'string' },
  timestamp: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

/** The options given, by name. */
export type Values = ReturnType<typeof parseArguments>['values']

/** Throws a `TypeError` for options that do not exist; what they are worth is not looked at. */
export function parseArguments(args: readonly string[]) {
  if (args.some((arg) => /^--?secret\b/.test(arg))) {
    throw new TypeError('set the secret as COUNTERSIGN_SECRET: arguments can be seen by others')
  }
  const unknown = args.find((arg) => arg.startsWith('-') && arg !== '-' && !isKnown(arg))
  if (unknown) throw new TypeError(`no such option as ${unknown.split('=')[0]}; see --help`)
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
}

function isKnown(arg: string): boolean {
  const name = arg.slice(2).split('=')[0] ?? ''
  return arg === '-h' || arg === '-v' || (arg.startsWith('--') && Object.hasOwn(OPTIONS, name))
}
