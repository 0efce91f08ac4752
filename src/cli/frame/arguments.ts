import { parseArgs } from 'node:util'
import { printable } from '../../base/printable.js'
import type { Command, Options } from './command.js'
import { didYouMean } from './near-miss.js'

/** Characters. As long as the longest path; `parseArgs` takes a long one apart letter by letter if it begins with a dash. */
const LONGEST_ARGUMENT = 4_096

/** What was given to a command. */
export interface Given {
  readonly values: Readonly<Record<string, string | true>>
  readonly words: readonly string[]
  readonly help: boolean
}

/** Reads the arguments of one command. Throws a `TypeError` for what the command does not take; a word is not repeated, since it may be a secret. */
export function parseArguments(
  name: string,
  { options, words = [] }: Command,
  args: readonly string[],
): Given {
  assertShort(args)
  const known: Options = { ...options, help: { help: '' } }
  const config = Object.fromEntries(
    Object.entries(known).map(([option, { value }]) => [
      option,
      { type: value ? ('string' as const) : ('boolean' as const) },
    ]),
  )
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...config, help: { type: 'boolean', short: 'h' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const values: Record<string, string | true> = {}
  const found: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') found.push(token.value)
    if (token.kind !== 'option') continue
    assertKnown(name, token.rawName, Object.keys(known))
    const value = readValue(token.rawName, known[token.name]?.value, token.value)
    if (Object.hasOwn(values, token.name)) throw new TypeError(`${token.rawName} is given twice`)
    values[token.name] = value
  }
  const { help, ...others } = values
  if (!help) assertWords(name, words, found)
  return { values: others, words: found, help: help === true }
}

function assertShort(args: readonly string[]): void {
  if (args.every(({ length }) => length <= LONGEST_ARGUMENT)) return
  throw new TypeError(
    `an argument is longer than ${LONGEST_ARGUMENT} characters: put the text into a file and name the file`,
  )
}

function assertKnown(command: string, rawName: string, known: readonly string[]): void {
  if (rawName === '-h') return
  const option = rawName.replace(/^--?/, '')
  if (rawName.startsWith('--') && known.includes(option)) return
  if (/^(secret|token|key)/i.test(option)) {
    throw new TypeError(
      'secrets are never arguments, since other users of the machine can see those: set COUNTERSIGN_SECRET or COUNTERSIGN_ACCOUNT_TOKEN',
    )
  }
  const shown = isSecretLike(option) ? 'of that name' : printable(rawName)
  const hint = didYouMean(option, known, '--')
  throw new TypeError(
    `countersign ${command} has no option ${shown}.${hint} See countersign ${command} --help`,
  )
}

/** A base64url secret may begin with a dash. Names of options are short, or words of small letters. */
function isSecretLike(option: string): boolean {
  return option.length > 12 && !/^[a-z-]{1,40}$/.test(option)
}

function readValue(
  rawName: string,
  kind: string | undefined,
  value: string | undefined,
): string | true {
  if (kind === undefined) {
    if (value === undefined) return true
    throw new TypeError(`${rawName} is a switch and takes no value`)
  }
  // "--body --json": the name of an option is not a file.
  if (value === undefined || /^--\w/.test(value)) {
    throw new TypeError(`${rawName} needs a value: ${rawName} ${kind}`)
  }
  if (value === '') {
    throw new TypeError(`the value of ${rawName} is empty (is the variable set?)`)
  }
  return value
}

function assertWords(name: string, words: readonly string[], found: readonly string[]): void {
  const missing = words[found.length]
  if (missing !== undefined) {
    throw new TypeError(
      `countersign ${name} needs ${missing}: countersign ${name} ${words.join(' ')}`,
    )
  }
  if (found.length > words.length) {
    const takes = words.length === 0 ? 'no arguments' : `only ${words.join(' ')}`
    throw new TypeError(
      `countersign ${name} takes ${takes} besides its options; see countersign ${name} --help`,
    )
  }
}
