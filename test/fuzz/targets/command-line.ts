import { assertHides, assertPrintable, holds, textsOf, UNPRINTABLE } from '../engine/find.js'
import { bytesOf, NOW, SECRETS } from '../signed.js'
import { defineTarget, type Subjects } from '../target.js'
import { CAPTURES } from './captures.js'

type Input = {
  readonly args: readonly string[]
  readonly file: string
  readonly headers: string
  readonly secret: string
}

/** Commands that would reach the network, or wait. They are run for their help only. */
const OUTWARD = ['listen', 'send', 'probe', 'account', 'rotate']

async function run({ args, file, headers, secret }: Input, { node }: Subjects): Promise<void> {
  const [command = ''] = args
  if (OUTWARD.includes(command) && !args.slice(1).includes('--help')) return
  const printed: string[] = []
  const asked: string[] = []
  const files: Readonly<Record<string, string>> = { '-': file, file, headers }
  const terminal = {
    env: { COUNTERSIGN_SECRET: secret, COUNTERSIGN_PREVIOUS_SECRET: SECRETS[1] },
    async readFile(path: string) {
      asked.push(path)
      if (Object.hasOwn(files, path)) return bytesOf(files[path] ?? '')
      throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), {
        code: 'ENOENT',
        path,
      })
    },
    print: (text: string) => printed.push(text),
    printError: (text: string) => printed.push(text),
    isColourful: false,
    signal: new AbortController().signal,
    version: async () => '1.2.3',
    page: async () => '',
    open: () => {},
  }
  const code = await node.main(args, terminal).catch((error: unknown) => textsOf(error))
  holds(code === 0 || code === 1 || code === 2, 'the exit code is 0, 1 or 2', () => String(code))
  holds(printed.length > 0, 'every command prints something', () => args.join(' '))
  for (const text of printed) assertPrintable(text)
  // `secret` prints a new one, and nothing prints those that are configured.
  // The name of a file that cannot be read is shown, and so is the id that is signed.
  const given = [...asked, ...valuesOf('--id', args)]
  const shown = given.flatMap((value) => [value, escaped(value)])
  const text = shown.reduce((text, value) => text.replaceAll(value, ''), printed.join('\n'))
  assertHides(text, [...secret.split(/\s+/), SECRETS[1] ?? ''])
}

function valuesOf(option: string, args: readonly string[]): string[] {
  return args.flatMap((arg, i) => {
    if (arg.startsWith(`${option}=`)) return [arg.slice(option.length + 1)]
    return args[i - 1] === option ? [arg] : []
  })
}

/** As the contract writes characters that cannot be printed. */
function escaped(path: string): string {
  return path.replace(UNPRINTABLE, (char) =>
    Array.from({ length: char.length }, (_, i) => hex(char.charCodeAt(i))).join(''),
  )
}

function hex(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`
}

const seed = (args: readonly string[], more: Partial<Input> = {}): Input => ({
  args,
  file: CAPTURES[0] ?? '',
  headers: 'webhook-id: a\nwebhook-timestamp: 1700000000\nwebhook-signature: v1,AAAA',
  secret: SECRETS[0] ?? '',
  ...more,
})

export const commandLine = defineTarget<Input>({
  name: 'command-line',
  seeds: [
    ...CAPTURES.map((file) => seed(['verify', '--delivery', '-', '--now', String(NOW)], { file })),
    ...CAPTURES.map((file) => seed(['diagnose', '--delivery', 'file', '--json'], { file })),
    seed(['verify', '--headers', 'headers', '--body', 'file', '--json', '--tolerance', '300.5']),
    seed(['diagnose', '--headers', 'headers', '--body', '-', '--now', '2023-11-14T22:13:20Z']),
    seed(['sign', '--body', 'file', '--id', 'a', '--timestamp', String(NOW)]),
    seed(['sign', '--body=file', '--json']),
    seed(['secret', '--fingerprint', '--json']),
    seed(['help', 'send']),
    seed(['probe', '--help']),
    seed(['verfy', '--secret', SECRETS[0] ?? '']),
    seed(['--version']),
  ],
  dictionary: [
    '--json',
    '--help',
    '-h',
    '--',
    '--no-json',
    '--delivery',
    '--tolerance=',
    '--now',
    '--constructor',
    '--__proto__',
    '__proto__',
    'constructor',
    'headers',
    '-',
    'Infinity',
    '1e9',
    '-1',
    '+275760-09-13',
    'x'.repeat(60),
    ...SECRETS,
  ],
  run,
})
