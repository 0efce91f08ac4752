import type { Command } from './command.js'

/** `countersign --help`. */
export function helpOfAll(commands: Readonly<Record<string, Command>>): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length))
  const lines = Object.entries(commands).map(
    ([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`,
  )
  return [
    'countersign: see, send, verify and diagnose webhook deliveries (Standard Webhooks)',
    '',
    'Usage: countersign COMMAND [options]',
    '',
    ...lines,
    '',
    'countersign COMMAND --help shows the options of a command, countersign --version the version.',
    '',
    ENVIRONMENT,
    'Exit codes: 0 yes, 1 no, 2 the command could not run.',
  ].join('\n')
}

const ENVIRONMENT = `Secrets come from the environment, never from an argument:
  COUNTERSIGN_ACCOUNT_TOKEN    the account's token; its signing secret is then used
  COUNTERSIGN_ACCOUNT_URL      another base URL of the account API
  COUNTERSIGN_SECRET           the signing secret (several: separated by spaces)
  COUNTERSIGN_PREVIOUS_SECRET  earlier secrets, for diagnose
`

/** `countersign COMMAND --help`. */
export function helpOf(
  name: string,
  { summary, words = [], options, notes = [] }: Command,
): string {
  const rows = Object.entries(options).map(
    ([option, { value, help }]) => [`--${option}${value ? ` ${value}` : ''}`, help] as const,
  )
  const all = [...rows, ['--help', 'Show this help.'] as const]
  const width = Math.max(...all.map(([left]) => left.length))
  return [
    ['Usage: countersign', name, ...words, '[options]'].join(' '),
    '',
    summary,
    '',
    ...all.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`),
    ...notes.flatMap((note) => ['', note]),
  ].join('\n')
}
