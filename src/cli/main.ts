import { parseArgs } from 'node:util'
import { diagnose } from '../diagnose.js'
import { createSigner, generateSecret } from '../sign.js'
import { createVerifier } from '../verify.js'
import { parseHeadersFile } from './headers-file.js'

/** What the command line touches, so that tests can stand in for it. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Reads a file; `-` is standard input. */
  readFile(path: string): Promise<Uint8Array>
  print(text: string): void
  printError(text: string): void
}

export const HELP = `countersign: sign, verify and diagnose webhook deliveries (Standard Webhooks)

  countersign diagnose --headers FILE --body FILE [--now TIME] [--tolerance SECONDS] [--json]
      Says why a captured delivery does not verify.
  countersign verify --headers FILE --body FILE [--now TIME] [--tolerance SECONDS]
      Exit code 0 if it verifies, 1 if not.
  countersign sign --body FILE [--id ID] [--timestamp SECONDS]
      Prints the three headers.
  countersign secret
      Prints a new random secret.

The secret is read from COUNTERSIGN_SECRET (several: separated by spaces), previous ones for diagnose from
COUNTERSIGN_PREVIOUS_SECRET; never from an argument, as others can see those.
FILE may be - for standard input. Headers: a JSON object, or lines of "Name: value". TIME: whatever Date can read.
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
} as const

type Values = ReturnType<typeof parse>['values']
type Command = (values: Values, terminal: Terminal) => Promise<number>

const commands: Readonly<Record<string, Command>> = {
  diagnose: runDiagnose,
  verify: runVerify,
  sign: runSign,
  secret: async (_, { print }) => {
    print(generateSecret())
    return 0
  },
}

/** Runs one command and resolves to its exit code: 0 for yes, 1 for no, 2 where it could not be run. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const { values, positionals } = parse(args)
    const [name = 'help'] = positionals
    if (values.help || name === 'help') {
      terminal.print(HELP)
      return 0
    }
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (!command || positionals.length > 1) throw new TypeError(`no such command; see --help`)
    return await command(values, terminal)
  } catch (error) {
    terminal.printError(`countersign: ${error instanceof Error ? error.message : error}`)
    return 2
  }
}

function parse(args: readonly string[]) {
  if (args.some((arg) => /^--?secret\b/.test(arg))) {
    throw new TypeError('set the secret as COUNTERSIGN_SECRET: arguments can be seen by others')
  }
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
}

async function runDiagnose(values: Values, terminal: Terminal): Promise<number> {
  const diagnosis = await diagnose({
    ...(await readDelivery(values, terminal)),
    secret: secretsIn(terminal, 'COUNTERSIGN_SECRET'),
    previous: secretsIn(terminal, 'COUNTERSIGN_PREVIOUS_SECRET'),
    now: timeOf(values.now),
    tolerance: numberOf('tolerance', values.tolerance),
  })
  terminal.print(values.json ? JSON.stringify(diagnosis, null, 2) : String(diagnosis))
  return diagnosis.ok ? 0 : 1
}

async function runVerify(values: Values, terminal: Terminal): Promise<number> {
  const time = timeOf(values.now)
  const verify = createVerifier({
    secret: requiredSecrets(terminal),
    tolerance: numberOf('tolerance', values.tolerance),
    parse: 'none',
    ...(time && { now: () => time }),
  })
  const { body, headers } = await readDelivery(values, terminal)
  const verdict = await verify.check(body, headers)
  if (verdict.ok) terminal.print(`verified: ${verdict.webhook.id}, key ${verdict.webhook.keyId}`)
  else terminal.printError(`refused: ${verdict.error.code}: ${verdict.error.message}`)
  return verdict.ok ? 0 : 1
}

async function runSign(values: Values, terminal: Terminal): Promise<number> {
  const sign = createSigner({ secret: requiredSecrets(terminal) })
  const body = await terminal.readFile(required('body', values.body))
  const timestamp = numberOf('timestamp', values.timestamp)
  const headers = await sign(body, { id: values.id, timestamp })
  for (const [name, value] of Object.entries(headers)) terminal.print(`${name}: ${value}`)
  return 0
}

async function readDelivery(
  values: Values,
  terminal: Terminal,
): Promise<{ body: Uint8Array; headers: [string, string][] }> {
  const headers = await terminal.readFile(required('headers', values.headers))
  const body = await terminal.readFile(required('body', values.body))
  return { body, headers: parseHeadersFile(new TextDecoder().decode(headers)) }
}

function required(name: string, value: string | undefined): string {
  if (value !== undefined) return value
  throw new TypeError(`--${name} FILE is needed; see --help`)
}

function secretsIn({ env }: Terminal, name: string): string[] {
  return (env[name] ?? '').split(/\s+/).filter(Boolean)
}

function requiredSecrets(terminal: Terminal): string[] {
  const secrets = secretsIn(terminal, 'COUNTERSIGN_SECRET')
  if (secrets.length === 0) throw new TypeError('COUNTERSIGN_SECRET is not set')
  return secrets
}

function timeOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const time = new Date(/^\d{9,11}$/.test(text) ? Number(text) * 1000 : text)
  if (Number.isNaN(time.getTime())) throw new TypeError('--now is no time that Date can read')
  return time
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  throw new TypeError(`--${name} must be a number`)
}
