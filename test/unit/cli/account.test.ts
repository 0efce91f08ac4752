import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { generateSecret } from 'countersign/sign'
import { type FakeAccount, fakeAccount, signedRequest } from 'countersign/testing'
import { type TestTerminal, testTerminal } from '../../support/test-terminal.js'

let account: FakeAccount
let terminal: TestTerminal

beforeEach(async () => {
  account = await fakeAccount()
  terminal = testTerminal({
    COUNTERSIGN_ACCOUNT_TOKEN: account.token,
    COUNTERSIGN_ACCOUNT_URL: account.baseUrl,
  })
})
afterEach(() => account.close())

async function fingerprint(secret: string): Promise<string> {
  const other = testTerminal({ COUNTERSIGN_SECRET: secret })
  await other.run('secret', '--fingerprint')
  return other.printed[0] ?? ''
}

test('account: names, ids, the fingerprint and the clock, and no secret', async () => {
  expect(await terminal.run('account')).toBe(0)
  const [text = ''] = terminal.printed
  expect(text).toMatch(/^name +Test account$/m)
  expect(text).toMatch(/^id +acc_1$/m)
  expect(text).toContain(await fingerprint(account.secret))
  expect(text).toMatch(/^clock +the same as the account API's$/m)
  expect(await terminal.run('account', '--json')).toBe(0)
  expect(JSON.parse(terminal.printed[1] ?? '')).toMatchObject({
    id: 'acc_1',
    keyId: await fingerprint(account.secret),
    clockDifference: 0,
  })
  expect(terminal.printed.join()).not.toContain(account.secret)
  expect(terminal.printed.join()).not.toContain(account.token)
})

test('account: a name with escape sequences, an unusable key, a clock that is off', async () => {
  const server = createServer((_, response) => {
    response.setHeader('date', new Date(Date.now() - 90_000).toUTCString())
    response.end(
      JSON.stringify({
        metadata: { id: 'a', name: '\u001b[2JAcme\u202e', accountId: 7 },
        spec: { workspaces: [{ metadata: { name: 'one\u0007' } }, null] },
        info: { webhookEventsHmacSecret: 'wh_short' },
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  terminal.env.COUNTERSIGN_ACCOUNT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(await terminal.run('account')).toBe(0)
  const [text = ''] = terminal.printed
  expect(text).toContain('\\u001b[2JAcme\\u202e')
  expect(text).toContain('one\\u0007')
  expect(text).toMatch(/clock +this machine is (89|9[01]) s ahead of the account API/)
  expect(text).not.toContain('wh_short')
  await new Promise((resolve) => server.close(resolve))
})

test('a wrong token, an API that is down, no token: 2 and one line', async () => {
  terminal.env.COUNTERSIGN_ACCOUNT_TOKEN = 'wrong'
  expect(await terminal.run('account')).toBe(2)
  await account.close()
  expect(await terminal.run('account')).toBe(2)
  terminal.env = {}
  expect(await terminal.run('account')).toBe(2)
  expect(await terminal.run('rotate', '--yes')).toBe(2)
  expect(terminal.errors).toEqual([
    expect.stringContaining('401'),
    expect.stringContaining('could not be reached'),
    expect.stringContaining('COUNTERSIGN_ACCOUNT_TOKEN is not set'),
    expect.stringContaining('COUNTERSIGN_ACCOUNT_TOKEN is not set'),
  ])
})

test('rotate: asks first on a terminal, refuses without --yes elsewhere', async () => {
  expect(await terminal.run('rotate')).toBe(2)
  expect(terminal.errors[0]).toContain('--yes')
  terminal.ask = async () => ''
  expect(await terminal.run('rotate')).toBe(1)
  expect(account.secrets).toHaveLength(1)
  terminal.ask = async () => 'y'
  expect(await terminal.run('rotate')).toBe(0)
  expect(account.secrets).toHaveLength(2)
  expect(terminal.printed.join()).toContain(await fingerprint(account.secret))
  expect(terminal.printed.join()).not.toContain(account.secret)
})

test('rotate --print-secret, --json', async () => {
  expect(await terminal.run('rotate', '--yes', '--print-secret')).toBe(0)
  expect(terminal.printed[1]).toBe(account.secret)
  expect(await terminal.run('rotate', '--yes', '--json')).toBe(0)
  expect(JSON.parse(terminal.printed[2] ?? '')).toEqual({
    keyId: await fingerprint(account.secret),
  })
})

test('with a token, the account’s secret signs and verifies', async () => {
  terminal.env.COUNTERSIGN_SECRET = generateSecret()
  const { body, headers } = await signedRequest({ secret: account.secret })
  terminal.files = { 'body.json': body, 'headers.json': JSON.stringify(headers) }
  expect(await terminal.run('verify', '--headers', 'headers.json', '--body', 'body.json')).toBe(0)
})
