import { diagnose } from '../diagnose/index.js'
import { createSigner, generateSecret } from '../sign.js'
import { createVerifier } from '../verify.js'
import { HELP, parseArguments, type Values } from './arguments.js'
import { parseHeadersFile } from './headers-file.js'

/** What the command line touches, so that tests can stand in for it. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Reads a file; `-` is standard input. */
  readFile(path: string): Promise<Uint8Array>
  print(text: string): void
  printError(text: string): void
  /** The version of this package. */
  version(): Promise<string>
}

interface Command {
  /** The options that mean something to it. */
  readonly options: readonly (keyof Values)[]
  run(values: Values, terminal: Terminal): Promise<number>
}

const commands: Readonly<Record<string, Command>> = {
  diagnose: { options: ['headers', 'body', 'now', 'tolerance', 'json'], run: runDiagnose },
  verify: { options: ['headers', 'body', 'now', 'tolerance'], run: runVerify },
  sign: { options: ['body', 'id', 'timestamp'], run: runSign },
  secret: { options: [], run: runSecret },
}

/** Runs one command and resolves to its exit code: 0 for yes, 1 for no, 2 where it could not be run. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const { values, positionals } = parseArguments(args)
    const [name = 'help'] = positionals
    if (values.version) terminal.print(await terminal.version())
    else if (values.help || name === 'help') terminal.print(HELP)
    else return await commandOf(name, positionals, values).run(values, terminal)
    return 0
  } catch (error) {
    terminal.printError(`countersign: ${error instanceof Error ? error.message : error}`)
    return 2
  }
}

function commandOf(name: string, words: readonly string[], values: Values): Command {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  // The word is not repeated: it may be a secret.
  if (!command || words.length > 1) throw new TypeError('no such command; see --help')
  const { options } = command
  const foreign = Object.keys(values).find((name) => !options.some((known) => known === name))
  if (foreign) throw new TypeError(`${name} has no option --${foreign}; see --help`)
  return command
}

async function runDiagnose(values: Values, terminal: Terminal): Promise<number> {
  const diagnosis = await diagnose({
    ...(await readDelivery(values, terminal)),
    secret: requiredSecrets(terminal),
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
  if (verdict.ok) {
    terminal.print(`verified: ${verdict.webhook.id}, key ${verdict.webhook.keyId}`)
    return 0
  }
  const { code, message } = verdict.error
  terminal.printError(`refused: ${code}: ${message} (docs/troubleshooting.md#${code})`)
  return 1
}

async function runSign(values: Values, terminal: Terminal): Promise<number> {
  const sign = createSigner({ secret: requiredSecrets(terminal) })
  const body = await terminal.readFile(required('body', values.body))
  const timestamp = numberOf('timestamp', values.timestamp)
  const headers = await sign(body, { id: values.id, timestamp })
  for (const [name, value] of Object.entries(headers)) terminal.print(`${name}: ${value}`)
  return 0
}

async function runSecret(_: Values, terminal: Terminal): Promise<number> {
  terminal.print(generateSecret())
  return 0
}

async function readDelivery(
  values: Values,
  terminal: Terminal,
): Promise<{ body: Uint8Array; headers: [string, string][] }> {
  if (values.headers === '-' && values.body === '-') {
    throw new TypeError('only one of --headers and --body can be standard input')
  }
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
