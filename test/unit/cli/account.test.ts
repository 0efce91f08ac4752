import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { keyIdOf } from 'countersign'
import { generateSecret } from 'countersign/sign'
import { type FakeAccount, fakeAccount, signedRequest } from 'countersign/testing'
import { type Listening, listening } from '../../support/listening-server.js'
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

describe('account: what the API sends', () => {
  let server: Listening
  let answer: unknown
  let clock: string | undefined
  const read = async (): Promise<string> => {
    expect(await terminal.run('account')).toBe(0)
    return terminal.printed.at(-1) ?? ''
  }

  beforeEach(async () => {
    answer = {}
    clock = new Date().toUTCString()
    server = await listening((_, response) => {
      response.sendDate = false
      if (clock !== undefined) response.setHeader('date', clock)
      response.end(JSON.stringify(answer))
    })
    terminal.env.COUNTERSIGN_ACCOUNT_URL = server.url
  })
  afterEach(() => server.close())

  test('every name is shown, and only once', async () => {
    answer = {
      metadata: {
        id: 'acc_1',
        accountId: 'acc_2',
        name: 'Acme',
        externalId: 'ext_1',
        createdAt: '2026-01-01T00:00:00Z',
      },
      spec: {
        description: 'All of it',
        workspaces: [1, 2].map((n) => ({ metadata: { name: `w${n}` } })),
      },
    }
    expect(await read()).toBe(
      [
        'name         Acme',
        'id           acc_1',
        'account id   acc_2',
        'external id  ext_1',
        'created      2026-01-01T00:00:00Z',
        'description  All of it',
        'workspaces   w1, w2',
        'signing key  none yet: countersign rotate issues one',
        "clock        the same as the account API's",
      ].join('\n'),
    )
    answer = { metadata: { id: 'acc_1', accountId: 'acc_1', name: '' }, spec: { workspaces: 'no' } }
    expect(await read()).toMatch(/^id {11}acc_1\nsigning key /)
  })

  test('an unusable key is explained, and an empty one is none', async () => {
    answer = { info: { webhookEventsHmacSecret: 'wh_short' } }
    expect(await read()).toMatch(/^signing key +the secret is not base64: its 5 characters/m)
    answer = { info: { webhookEventsHmacSecret: '' } }
    expect(await read()).toMatch(/^signing key +none yet/m)
  })

  test.each([
    [1, /^clock +the same/m],
    [30, /^clock +this machine is (29|3[01]) s ahead of the account API$/m],
    [-30, /^clock +this machine is (29|30) s behind the account API$/m],
    [100, /^clock +this machine is (99|10[01]) s ahead .* \(set it: /m],
    [-100, /^clock +this machine is (99|100) s behind .* \(set it: /m],
  ])('a clock that is %p s behind ours', async (seconds, line) => {
    // In the middle of a second, since the header has whole ones.
    clock = new Date(Math.floor(Date.now() / 1000 - seconds) * 1000).toUTCString()
    expect(await read()).toMatch(line)
  })

  test('without a Date the clock is unknown', async () => {
    clock = undefined
    expect(await read()).toMatch(/^clock +unknown: the account API sent no Date$/m)
  })

  test('a rotation that is answered without the key is read from the account', async () => {
    const secret = generateSecret()
    answer = { info: { webhookEventsHmacSecret: secret } }
    expect(await terminal.run('rotate', '--yes', '--print-secret', '--json')).toBe(0)
    expect(JSON.parse(terminal.printed[0] ?? '')).toEqual({ keyId: await keyIdOf(secret), secret })
  })

  test('an account without a key cannot verify, and says how to get one', async () => {
    answer = { info: { webhookEventsHmacSecret: '' } }
    terminal.files = { b: '{}' }
    expect(await terminal.run('sign', '--body', 'b')).toBe(2)
    expect(terminal.errors[0]).toContain('issue one with countersign rotate')
  })
})

test.each([
  ['y', 0],
  ['YES ', 0],
  ['yeah', 1],
  ['n', 1],
  ['', 1],
])('rotate, asked first and answered %p: %p', async (answer, code) => {
  terminal.ask = async (question) => {
    expect(question).toContain('[y/N]')
    return answer
  }
  expect(await terminal.run('rotate')).toBe(code)
  expect(account.secrets).toHaveLength(code === 0 ? 2 : 1)
})

test('rotate --yes asks nothing', async () => {
  terminal.ask = () => Promise.reject(new Error('asked'))
  expect(await terminal.run('rotate', '--yes')).toBe(0)
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
