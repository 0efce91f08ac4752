import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createVerifier, type RefreshError, type SecretSource, type Verifier } from 'countersign'
import { type AccountSecret, type AccountSecretOptions, accountSecret } from 'countersign/account'
import { generateSecret } from 'countersign/sign'
import {
  type FakeAccount,
  type FakeAccountFault,
  fakeAccount,
  signedRequest,
} from 'countersign/testing'

let account: FakeAccount
let now: number
let opened: AccountSecret[]
beforeEach(async () => {
  account = await fakeAccount()
  now = Date.UTC(2026, 0, 1)
  opened = []
})
afterEach(async () => {
  for (const secret of opened) secret.close()
  await account.close()
})

function open(options: Partial<AccountSecretOptions> = {}): AccountSecret {
  const { token, baseUrl } = account
  // A retry does not wait; only the time-out of the whole refresh is a real one.
  const soon: AccountSecretOptions['setTimeout'] = (callback, wait) =>
    setTimeout(callback, wait < 5000 ? 0 : wait)
  const secret = accountSecret({ token, baseUrl, now: () => now, setTimeout: soon, ...options })
  opened.push(secret)
  return secret
}

function verifierOf(secret: SecretSource): Verifier {
  return createVerifier({ secret, now: () => now })
}

/** What becomes of a delivery that this secret signs now: `accepted` or the code. */
async function deliver(verify: Verifier, secret: string): Promise<string> {
  const { body, headers } = await signedRequest({ secret, now: () => now })
  const verdict = await verify.check(body, headers)
  return verdict.ok ? 'accepted' : verdict.error.code
}

const says =
  (answer: unknown, status = 200): FakeAccountFault =>
  (_request, response) =>
    response.writeHead(status).end(JSON.stringify(answer))

describe('the account’s secret', () => {
  test('verifies what the account signs, and nothing else', async () => {
    const verify = verifierOf(open())
    expect(await deliver(verify, account.secret)).toBe('accepted')
    expect(await deliver(verify, generateSecret())).not.toBe('accepted')
  })
  test('is read once at creation, and once for all deliveries that wait', async () => {
    const secret = open()
    const verify = verifierOf(secret)
    const all = Array.from({ length: 20 }, () => deliver(verify, account.secret))
    expect(new Set(await Promise.all(all))).toEqual(new Set(['accepted']))
    expect(account.calls).toEqual(['GET /v1/account'])
  })
  test('is read with the first delivery if warm is false', async () => {
    const verify = verifierOf(open({ warm: false }))
    expect(account.calls).toEqual([])
    expect(await deliver(verify, account.secret)).toBe('accepted')
    expect(account.calls).toEqual(['GET /v1/account'])
  })
  test('follows a rotation that somebody else made, and keeps the old key for a while', async () => {
    const before = account.secret
    const secret = open({ overlap: 300 })
    const verify = verifierOf(secret)
    expect(await deliver(verify, before)).toBe('accepted')
    now += 60_000
    account.rotate()
    expect(await deliver(verify, account.secret)).toBe('accepted')
    expect(await deliver(verify, before)).toBe('accepted')
    now += 301_000
    expect(await deliver(verify, account.secret)).toBe('accepted')
    expect(await deliver(verify, before)).not.toBe('accepted')
  })
})

describe('rotate', () => {
  test('the new key counts at once, the old one for the overlap', async () => {
    const before = account.secret
    const rotations: number[] = []
    const secret = open({ overlap: 10, onRotate: ({ keyIds }) => rotations.push(keyIds.length) })
    const verify = verifierOf(secret)
    await secret.refresh()
    const reads = account.calls.length
    await secret.rotate()
    expect(account.calls.slice(reads)).toEqual(['POST /v1/account:rotateWebhookSigningKey'])
    expect(account.secret).not.toBe(before)
    expect(await deliver(verify, account.secret)).toBe('accepted')
    expect(await deliver(verify, before)).toBe('accepted')
    expect(account.calls).toHaveLength(reads + 1)
    expect(rotations).toEqual([1])
    now += 11_000
    expect(await deliver(verify, account.secret)).toBe('accepted')
    expect(await deliver(verify, before)).not.toBe('accepted')
  })
  test('the leaked key is dropped by forgetPrevious', async () => {
    const before = account.secret
    const secret = open()
    await secret.refresh()
    await secret.rotate()
    secret.forgetPrevious()
    expect(await deliver(verifierOf(secret), before)).not.toBe('accepted')
    expect(await deliver(verifierOf(secret), account.secret)).toBe('accepted')
  })
  test('an answer without the new key has the account read once more', async () => {
    const secret = open()
    const verify = verifierOf(secret)
    await secret.refresh()
    now += 1000
    account.rotate()
    account.fail((request, response) => {
      if (request.method === 'POST') account.fail(undefined)
      response.end('{}')
    })
    await secret.rotate()
    expect(account.calls.at(-1)).toBe('GET /v1/account')
    expect(await deliver(verify, account.secret)).toBe('accepted')
  })
  test('a refusal rejects, and the key goes on', async () => {
    const secret = open()
    await secret.refresh()
    account.fail(says({ code: 7, message: 'no' }, 403))
    await expect(secret.rotate()).rejects.toMatchObject({ reason: 'unauthorized', status: 403 })
    expect(await deliver(verifierOf(secret), account.secret)).toBe('accepted')
  })
  test('a new key that cannot be used rejects without quoting it', async () => {
    const secret = open()
    await secret.refresh()
    account.fail(says({ webhookEventsHmacSecret: 'wh_asdf1234' }))
    const error = await secret.rotate().catch((error) => error)
    expect(error).toMatchObject({ reason: 'secret_invalid' })
    expect(inspect(error, { depth: 9 })).not.toContain('wh_asdf1234"')
  })
})

describe('what goes wrong', () => {
  /** The errors that a first delivery meets when the account API does this. */
  async function meets(fault: FakeAccountFault, options: Partial<AccountSecretOptions> = {}) {
    const errors: RefreshError[] = []
    account.fail(fault)
    const secret = open({ warm: false, onError: (error) => errors.push(error), ...options })
    expect(await deliver(verifierOf(secret), account.secret)).toBe('secret_unavailable')
    const [error] = errors
    if (!error) throw new Error('onError was not told')
    const shown = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)
    expect(shown).not.toContain(account.token)
    expect(shown).not.toContain(account.secret)
    expect(shown).not.toContain(account.secret.slice(3))
    return error
  }

  test.each([
    ['no info', {}],
    ['no secret', { info: {} }],
    ['an empty secret', { info: { webhookEventsHmacSecret: '' } }],
    ['null', { info: { webhookEventsHmacSecret: null } }],
    ['a number', { info: { webhookEventsHmacSecret: 7 } }],
    ['info of another type', { info: 'none' }],
  ])('%s is secret_missing', async (_name, answer) => {
    expect(await meets(says(answer))).toMatchObject({ reason: 'secret_missing' })
  })
  test.each(['wh_asdf1234', 'wh_', 'not base64!', 'whsk_AAAA'])(
    '%p is secret_invalid',
    async (it) => {
      const error = await meets(says({ info: { webhookEventsHmacSecret: it } }))
      expect(error.reason).toBe('secret_invalid')
      expect(inspect(error, { depth: 9 })).not.toContain('not base64!')
    },
  )
  test('a secret as short as this is accepted if minSecretBytes allows it', async () => {
    const secret = 'wh_asdf1234'
    account.rotate(secret)
    const source = open({ minSecretBytes: 6 })
    const { body, headers } = await signedRequest({ secret, minSecretBytes: 6, now: () => now })
    expect((await verifierOf(source).check(body, headers)).ok).toBe(true)
  })
  test('the token is wrong', async () => {
    const error = await meets(says({}, 404), { token: 'another' })
    expect(error.reason).toBe('rejected')
    account.fail(undefined)
    const errors: RefreshError[] = []
    const secret = open({ token: 'another', onError: (error) => errors.push(error) })
    await expect(secret.refresh()).rejects.toMatchObject({ reason: 'unauthorized' })
    expect(errors[0]?.reason).toBe('unauthorized')
  })
  test('the answer is not JSON, too large or a redirect', async () => {
    const html: FakeAccountFault = (_request, response) => response.end('<html>')
    expect(await meets(html)).toMatchObject({ reason: 'answer_invalid' })
    const large = says({ info: { webhookEventsHmacSecret: account.secret } })
    expect(await meets(large, { maxResponseBytes: 20 })).toMatchObject({
      reason: 'answer_too_large',
    })
    const redirect: FakeAccountFault = (_request, response) =>
      response.writeHead(307, { location: '/v1/account' }).end()
    expect(await meets(redirect)).toMatchObject({ reason: 'redirected' })
  })
  test('an outage does not take away a secret that works', async () => {
    const secret = open({ maxAge: 600 })
    const verify = verifierOf(secret)
    expect(await deliver(verify, account.secret)).toBe('accepted')
    account.fail(says({ code: 14, message: 'down' }, 503))
    now += 700_000
    expect(await deliver(verify, account.secret)).toBe('accepted')
    await expect(secret.refresh()).rejects.toMatchObject({ reason: 'unavailable' })
    expect(await deliver(verify, account.secret)).toBe('accepted')
  })
  test('a token that is revoked does not take it away either', async () => {
    const secret = open()
    const verify = verifierOf(secret)
    await secret.refresh()
    account.fail(says({ code: 16 }, 401))
    await expect(secret.refresh()).rejects.toMatchObject({ reason: 'unauthorized' })
    expect(await deliver(verify, account.secret)).toBe('accepted')
  })
  test('a failure that passes is not met at all: the call is made again', async () => {
    let calls = 0
    account.fail((_request, response) => {
      calls++
      if (calls === 2) account.fail(undefined)
      response.writeHead(503).end()
    })
    expect(await deliver(verifierOf(open()), account.secret)).toBe('accepted')
    expect(account.calls).toHaveLength(3)
  })
})

describe('options', () => {
  test.each([
    { token: '' },
    { baseUrl: 'nowhere' },
    { overlap: -1 },
    { timeout: 0 },
    { maxStale: Number.NaN },
    { cacheTtl: 5 },
    { fetch: 'fetch' },
  ])('%p is a TypeError', (option) => {
    const options = { token: 'token', ...option } as AccountSecretOptions
    expect(() => accountSecret(options)).toThrow(TypeError)
    expect(() => accountSecret(options)).toThrow(Object.keys(option)[0])
  })
  test('status shows fingerprints and ages, no secret', async () => {
    const secret = open()
    await secret.refresh()
    await secret.rotate()
    const shown = inspect([secret, secret.status()], { depth: 9, showHidden: true })
    for (const text of [account.token, ...account.secrets.map((secret) => secret.slice(3))]) {
      expect(shown).not.toContain(text)
    }
    expect(secret.status().keyIds).toHaveLength(1)
    expect(secret.status().previous).toHaveLength(1)
  })
})
