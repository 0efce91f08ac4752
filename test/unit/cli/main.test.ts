import { beforeEach, expect, test } from '@jest/globals'
import { createVerifier } from 'countersign'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'
import { main } from '../../../src/cli/main.js'

const secret = generateSecret()
const other = generateSecret()
let printed: string[]
let errors: string[]
let files: Record<string, string | Uint8Array>
let env: Record<string, string>

beforeEach(async () => {
  printed = []
  errors = []
  env = { COUNTERSIGN_SECRET: secret }
  const { body, headers } = await signedRequest({ secret, id: 'msg_1', payload: { a: 1 } })
  files = { 'body.json': body, 'headers.json': JSON.stringify(headers) }
})

function run(...args: readonly string[]): Promise<number> {
  return main(args, {
    env,
    async readFile(path) {
      const file = files[path]
      if (file === undefined) throw new Error(`no file ${path}`)
      return Buffer.from(file)
    },
    print: (text) => printed.push(text),
    printError: (text) => errors.push(text),
    version: async () => '1.2.3',
  })
}
const DELIVERY = ['--headers', 'headers.json', '--body', 'body.json']

test('verify: 0 for yes, 1 for no', async () => {
  expect(await run('verify', ...DELIVERY)).toBe(0)
  expect(printed[0]).toMatch(/^verified: msg_1, key \S{8}$/)
  files['body.json'] = '{"a":2}'
  expect(await run('verify', ...DELIVERY)).toBe(1)
  expect(errors[0]).toMatch(
    /^refused: signature_mismatch: .+ \(docs\/troubleshooting\.md#signature_mismatch\)$/,
  )
})

test('verify at another time, with another tolerance', async () => {
  const later = new Date(Date.now() + 600_000)
  expect(await run('verify', ...DELIVERY, '--now', later.toISOString())).toBe(1)
  expect(errors[0]).toContain('timestamp_too_old')
  const seconds = String(Math.floor(later.getTime() / 1000))
  expect(await run('verify', ...DELIVERY, '--now', seconds, '--tolerance', '700')).toBe(0)
})

test('several secrets', async () => {
  env.COUNTERSIGN_SECRET = `${other} ${secret}\n`
  expect(await run('verify', ...DELIVERY)).toBe(0)
})

test('diagnose: a report or JSON', async () => {
  files['body.json'] = '{"a":1}\n'
  expect(await run('diagnose', ...DELIVERY)).toBe(1)
  expect(printed[0]).toContain('1. body_whitespace (certain)')
  expect(await run('diagnose', ...DELIVERY, '--json')).toBe(1)
  expect(JSON.parse(printed[1] ?? '').findings[0].code).toBe('body_whitespace')
  env = { COUNTERSIGN_SECRET: other, COUNTERSIGN_PREVIOUS_SECRET: secret }
  files['body.json'] = '{"a":1}'
  await run('diagnose', ...DELIVERY)
  expect(printed[2]).toContain('1. secret_previous')
  env = { COUNTERSIGN_SECRET: secret }
  expect(await run('diagnose', ...DELIVERY)).toBe(0)
})

test('sign: headers that verify', async () => {
  expect(await run('sign', '--body', 'body.json', '--id', 'msg_2')).toBe(0)
  const headers = printed.map((line) => line.split(': ') as [string, string])
  const body = Buffer.from(files['body.json'] ?? '')
  expect((await createVerifier({ secret })(body, headers)).id).toBe('msg_2')
  expect(await run('sign', '--body', 'body.json', '--timestamp', '1700000000')).toBe(0)
  expect(printed).toContain('webhook-timestamp: 1700000000')
})

test('secret: a new one each time', async () => {
  await run('secret')
  await run('secret')
  expect(printed[0]).toMatch(/^wh_/)
  expect(printed[0]).not.toBe(printed[1])
})

test('help', async () => {
  expect([await run(), await run('--help'), await run('verify', '-h')]).toEqual([0, 0, 0])
  expect(printed[0]).toContain('countersign diagnose')
})

test('version', async () => {
  expect([await run('--version'), await run('-v')]).toEqual([0, 0])
  expect(printed).toEqual(['1.2.3', '1.2.3'])
})

test.each([
  ['an unknown command', ['destroy'], 'no such command'],
  ['one from the prototype', ['constructor'], 'no such command'],
  ['too many words', ['verify', 'it'], 'no such command'],
  ['an unknown option', ['verify', '--force'], 'no such option as --force; see --help'],
  ['an unknown letter', ['verify', '-x'], 'no such option as -x'],
  ['an option of another command', ['secret', '--json'], 'secret has no option --json'],
  ['one more', ['verify', ...DELIVERY, '--id', 'x'], 'verify has no option --id'],
  ['standard input for two files', ['verify', '--headers', '-', '--body', '-'], 'only one of'],
  ['no file named', ['verify'], '--headers'],
  ['a file that is not there', ['verify', '--headers', 'x', '--body', 'y'], 'no file x'],
  ['a time that is none', ['verify', ...DELIVERY, '--now', 'soon'], '--now'],
  ['a number that is none', ['verify', ...DELIVERY, '--tolerance', 'x'], '--tolerance'],
])('%s: 2', async (_, args, message) => {
  expect(await run(...args)).toBe(2)
  expect(errors[0]).toContain(message)
})

test('a secret as an argument is refused and not repeated', async () => {
  for (const args of [
    ['--secret', secret],
    [`--secret=${secret}`],
    [`--key=${secret}`],
    [secret],
  ]) {
    expect(await run('verify', ...DELIVERY, ...args)).toBe(2)
  }
  expect(errors.join()).toContain('COUNTERSIGN_SECRET')
  expect(errors.join()).not.toContain(secret)
})

test.each(['verify', 'diagnose', 'sign'])('without a secret: %s', async (command) => {
  env = {}
  expect(await run(command, ...(command === 'sign' ? DELIVERY.slice(2) : DELIVERY))).toBe(2)
  expect(errors[0]).toContain('COUNTERSIGN_SECRET is not set')
})
