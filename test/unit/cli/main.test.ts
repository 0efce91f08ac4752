import { beforeEach, expect, test } from '@jest/globals'
import { createVerifier, keyIdOf } from 'countersign'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'
import { printCapture } from '../../../src/cli/capture/capture-file.js'
import { COMMANDS } from '../../../src/cli/commands.js'
import { type TestTerminal, testTerminal } from '../../support/test-terminal.js'

const secret = generateSecret()
const other = generateSecret()
let terminal: TestTerminal

beforeEach(async () => {
  terminal = testTerminal({ COUNTERSIGN_SECRET: secret })
  const { body, headers } = await signedRequest({ secret, id: 'msg_1', payload: { a: 1 } })
  terminal.files = { 'body.json': body, 'headers.json': JSON.stringify(headers) }
})
const DELIVERY = ['--headers', 'headers.json', '--body', 'body.json']

test('verify: 0 for yes, 1 for no', async () => {
  expect(await terminal.run('verify', ...DELIVERY)).toBe(0)
  expect(terminal.printed[0]).toMatch(/^verified: msg_1, key \S{8}$/)
  terminal.files['body.json'] = '{"a":2}'
  expect(await terminal.run('verify', ...DELIVERY)).toBe(1)
  expect(terminal.errors[0]).toMatch(
    /^refused: signature_mismatch: .+docs\/troubleshooting\.md#signature_mismatch\)$/,
  )
  expect(await terminal.run('verify', ...DELIVERY, '--json')).toBe(1)
  expect(JSON.parse(terminal.printed[1] ?? '')).toMatchObject({
    ok: false,
    code: 'signature_mismatch',
  })
})

test('verify at another time, with another tolerance', async () => {
  const later = new Date(Date.now() + 600_000)
  expect(await terminal.run('verify', ...DELIVERY, '--now', later.toISOString())).toBe(1)
  expect(terminal.errors[0]).toContain('timestamp_too_old')
  const seconds = String(Math.floor(later.getTime() / 1000))
  expect(await terminal.run('verify', ...DELIVERY, '--now', seconds, '--tolerance', '700')).toBe(0)
})

test('either file may come from standard input', async () => {
  terminal.files['-'] = terminal.files['body.json'] ?? ''
  expect(await terminal.run('verify', '--headers', 'headers.json', '--body', '-')).toBe(0)
  terminal.files['-'] = terminal.files['headers.json'] ?? ''
  expect(await terminal.run('verify', '--headers', '-', '--body', 'body.json')).toBe(0)
})

test('several secrets', async () => {
  terminal.env.COUNTERSIGN_SECRET = `${other} ${secret}\n`
  expect(await terminal.run('verify', ...DELIVERY)).toBe(0)
})

test('diagnose: a report or JSON', async () => {
  terminal.files['body.json'] = '{"a":1}\n'
  expect(await terminal.run('diagnose', ...DELIVERY)).toBe(1)
  expect(terminal.printed[0]).toContain('1. body_whitespace (certain)')
  expect(await terminal.run('diagnose', ...DELIVERY, '--json')).toBe(1)
  expect(JSON.parse(terminal.printed[1] ?? '').findings[0].code).toBe('body_whitespace')
  terminal.env = { COUNTERSIGN_SECRET: other, COUNTERSIGN_PREVIOUS_SECRET: secret }
  terminal.files['body.json'] = '{"a":1}'
  await terminal.run('diagnose', ...DELIVERY)
  expect(terminal.printed[2]).toContain('1. secret_previous')
  terminal.env = { COUNTERSIGN_SECRET: secret }
  expect(await terminal.run('diagnose', ...DELIVERY)).toBe(0)
})

test('sign: headers that verify', async () => {
  expect(await terminal.run('sign', '--body', 'body.json', '--id', 'msg_2')).toBe(0)
  const headers = terminal.printed.map((line) => line.split(': ') as [string, string])
  const body = Buffer.from(terminal.files['body.json'] ?? '')
  expect((await createVerifier({ secret })(body, headers)).id).toBe('msg_2')
  expect(await terminal.run('sign', '--body', 'body.json', '--timestamp', '1700000000')).toBe(0)
  expect(terminal.printed).toContain('webhook-timestamp: 1700000000')
})

test('secret: a new one each time, or the fingerprint of the configured one', async () => {
  await terminal.run('secret')
  await terminal.run('secret')
  expect(terminal.printed[0]).toMatch(/^wh_/)
  expect(terminal.printed[0]).not.toBe(terminal.printed[1])
  await terminal.run('secret', '--fingerprint')
  const { headers, body } = await signedRequest({ secret })
  expect(terminal.printed[2]).toBe((await createVerifier({ secret })(body, headers)).keyId)
})

test('secret, --json: the secret, or the fingerprints of all that are configured', async () => {
  await terminal.run('secret', '--json')
  expect(JSON.parse(terminal.printed[0] ?? '')).toEqual({ secret: expect.stringMatching(/^wh_/) })
  terminal.env.COUNTERSIGN_SECRET = `${secret} ${other}`
  const keyIds = await Promise.all([secret, other].map(keyIdOf))
  await terminal.run('secret', '--fingerprint')
  await terminal.run('secret', '--fingerprint', '--json')
  expect(terminal.printed[1]).toBe(keyIds.join('\n'))
  expect(JSON.parse(terminal.printed[2] ?? '')).toEqual({ keyIds })
})

test('sign --json: the headers as an object; the epoch is a time, too', async () => {
  const args = ['--body', 'body.json', '--id', 'msg_2', '--timestamp', '0', '--json']
  expect(await terminal.run('sign', ...args)).toBe(0)
  expect(JSON.parse(terminal.printed[0] ?? '')).toEqual({
    'webhook-id': 'msg_2',
    'webhook-timestamp': '0',
    'webhook-signature': expect.stringMatching(/^v1,/),
  })
  expect(await terminal.run('sign')).toBe(2)
  expect(terminal.errors[0]).toContain('--body FILE is needed')
})

test('sign without a time signs now', async () => {
  const before = Math.floor(Date.now() / 1000)
  await terminal.run('sign', '--body', 'body.json', '--json')
  const headers = JSON.parse(terminal.printed[0] ?? '')
  expect(Number(headers['webhook-timestamp'])).toBeGreaterThanOrEqual(before)
  expect(Number(headers['webhook-timestamp'])).toBeLessThanOrEqual(Date.now() / 1000)
})

test('verify --json: the id and the key; any bytes can be a body', async () => {
  const { body, headers } = await signedRequest({
    secret,
    id: 'msg_1',
    body: Buffer.from([255, 0]),
  })
  terminal.files = { 'body.json': body, 'headers.json': JSON.stringify(headers) }
  expect(await terminal.run('verify', ...DELIVERY, '--json')).toBe(0)
  expect(JSON.parse(terminal.printed[0] ?? '')).toEqual({
    ok: true,
    id: 'msg_1',
    keyId: await keyIdOf(secret),
  })
})

test('the time of a capture file is when it arrived, unless --now says otherwise', async () => {
  const timestamp = new Date('2026-01-02T03:04:05Z')
  const { body, headers } = await signedRequest({ secret, timestamp })
  const capture = { method: 'POST', url: '/', headers: Object.entries(headers), body }
  terminal.files = { c: printCapture({ ...capture, receivedAt: timestamp }) }
  expect(await terminal.run('verify', '--delivery', 'c')).toBe(0)
  expect(await terminal.run('diagnose', '--delivery', 'c')).toBe(0)
  expect(await terminal.run('verify', '--delivery', 'c', '--now', '2026-01-02T04:04:05Z')).toBe(1)
  expect(terminal.errors[0]).toContain('timestamp_too_old')
  expect(await terminal.run('verify', '--delivery', 'c', '--tolerance', '1')).toBe(0)
  const late = ['--now', '2026-01-02T03:04:09Z', '--tolerance', '1']
  expect(await terminal.run('verify', '--delivery', 'c', ...late)).toBe(1)
})

test('help for all and for each', async () => {
  expect([await terminal.run(), await terminal.run('--help')]).toEqual([0, 0])
  expect(terminal.printed[0]).toBe(terminal.printed[1])
  for (const [name, { options }] of Object.entries(COMMANDS)) {
    expect(terminal.printed[0]).toContain(`  ${name} `)
    expect(await terminal.run(name, '--help')).toBe(0)
    expect(await terminal.run(name, '-h')).toBe(0)
    expect(await terminal.run('help', name)).toBe(0)
    const [last, , first] = terminal.printed.slice(-3)
    expect(first).toBe(last)
    expect(first).toContain(`Usage: countersign ${name}`)
    for (const option of Object.keys(options)) expect(first).toContain(`  --${option}`)
  }
})

test('version', async () => {
  expect([await terminal.run('--version'), await terminal.run('-v')]).toEqual([0, 0])
  expect(terminal.printed).toEqual(['1.2.3', '1.2.3'])
})

test.each([
  ['an unknown command', ['destroy'], 'there is no such command. See'],
  ['a near miss', ['verfy'], 'Did you mean verify?'],
  ['letters swapped', ['idagnose'], 'Did you mean diagnose?'],
  ['the start of one', ['diag'], 'Did you mean diagnose?'],
  ['one from the prototype', ['constructor'], 'no such command'],
  ['help for none', ['help', 'destroy'], 'no such command'],
  ['an option first', ['--json', 'verify'], 'the command comes first'],
  ['too many words', ['verify', 'it'], 'takes no arguments'],
  ['an unknown option', ['verify', '--force'], 'countersign verify has no option --force. See'],
  ['a misspelt option', ['verify', '--tolerence', '3'], 'Did you mean --tolerance?'],
  ['one dash', ['verify', '-body', 'x'], 'has no option -b'],
  ['an unknown letter', ['verify', '-x'], 'has no option -x'],
  [
    'a secret that begins with a dash',
    ['verify', '--BwgJCgsMDQ4PEBESExQVFhcY'],
    'no option of that name. See',
  ],
  [
    'a long option of small letters',
    ['verify', '--this-is-not-an-option'],
    'no option --this-is-not-an-option',
  ],
  ['an option of another command', ['sign', '--now', '1'], 'sign has no option --now'],
  ['an escape sequence', ['verify', '--\u001b[2Jx'], 'no option --\\u001b[2Jx'],
  ['a word that is too long', ['verify', `-${'b'.repeat(4_096)}`], 'longer than 4096 characters'],
  ['the longest word', ['verify', 'b'.repeat(4_096)], 'takes no arguments'],
  ['an option twice', ['verify', ...DELIVERY, '--body', 'x'], '--body is given twice'],
  ['a switch with a value', ['verify', ...DELIVERY, '--json=no'], '--json is a switch'],
  ['an option without its value', ['verify', '--body'], '--body needs a value: --body FILE'],
  ['one more', ['verify', '--body', '--json'], '--body needs a value'],
  ['an empty value', ['verify', '--body='], 'is the variable set?'],
  ['standard input for two files', ['verify', '--headers', '-', '--body', '-'], 'only one of'],
  ['two ways at once', ['verify', ...DELIVERY, '--delivery', 'x'], 'either --delivery'],
  ['no file named', ['verify'], '--headers'],
  ['half a delivery', ['verify', '--body', 'body.json'], '--headers'],
  ['a file that is not there', ['verify', '--delivery', '/x/y'], '/x/y: there is no such file'],
  ['a folder', ['verify', '--delivery', '/'], 'it is a folder'],
  ['a time that is none', ['verify', ...DELIVERY, '--now', 'soon'], '--now'],
  ['a number that is none', ['verify', ...DELIVERY, '--tolerance', 'x'], '--tolerance'],
  ['a timestamp in words', ['sign', '--body', 'body.json', '--timestamp', 'x'], '--timestamp'],
  ['a wrong id', ['sign', '--body', 'body.json', '--id', 'a b'], 'webhook-id must be'],
])('%s: 2, in one line', async (_, args, message) => {
  expect(await terminal.run(...args)).toBe(2)
  expect(terminal.errors).toHaveLength(1)
  expect(terminal.errors[0]).toContain(message)
  expect(terminal.errors[0]).toMatch(/^countersign: .+$/)
})

test('a secret as an argument is refused and not repeated', async () => {
  for (const args of [
    ['--secret', secret],
    [`--secret=${secret}`],
    [`--key=${secret}`],
    [`--token=${secret}`],
    [secret],
  ]) {
    expect(await terminal.run('verify', ...DELIVERY, ...args)).toBe(2)
    expect(await terminal.run(...args)).toBe(2)
  }
  expect(terminal.errors.join()).toContain('COUNTERSIGN_SECRET')
  expect(terminal.errors.join()).not.toContain(secret)
})

test.each(['verify', 'diagnose', 'sign'])('without a secret: %s', async (command) => {
  terminal.env = {}
  const args = command === 'sign' ? DELIVERY.slice(2) : DELIVERY
  expect(await terminal.run(command, ...args)).toBe(2)
  expect(terminal.errors[0]).toContain('COUNTERSIGN_SECRET is not set')
  terminal.env = { COUNTERSIGN_SECRET: 'not base64!' }
  // A report about an unusable secret is still a report.
  expect(await terminal.run(command, ...args)).toBe(command === 'diagnose' ? 1 : 2)
  expect(terminal.errors.join()).not.toContain('not base64!')
})
