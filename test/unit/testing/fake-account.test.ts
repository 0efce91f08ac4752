import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createVerifier } from 'countersign'
import {
  type FakeAccount,
  type FakeAccountOptions,
  fakeAccount,
  signedRequest,
} from 'countersign/testing'

let account: FakeAccount
beforeEach(async () => {
  account = await fakeAccount()
})
afterEach(() => account.close())

async function call(path: string, init: RequestInit = {}, token = account.token) {
  const headers = { authorization: `Bearer ${token}` }
  const response = await fetch(account.baseUrl + path, { headers, ...init })
  const { status, headers: sent } = response
  return { status, type: sent.get('content-type'), body: await response.json() }
}
const ROTATE = '/v1/account:rotateWebhookSigningKey'

describe('the API', () => {
  test('is a real server on loopback', () => {
    expect(account.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  })
  test('GET /v1/account answers an Account with the secret', async () => {
    const { status, type, body } = await call('/v1/account')
    expect({ status, type }).toEqual({ status: 200, type: 'application/json' })
    expect(body).toMatchObject({
      metadata: { id: expect.any(String), accountId: expect.any(String), name: expect.any(String) },
      spec: {},
      info: { webhookEventsHmacSecret: account.secret },
    })
  })
  test('rotation answers only the new key, and the account holds only that', async () => {
    const before = account.secret
    const { status, body } = await call(ROTATE, { method: 'POST' })
    expect(status).toBe(200)
    expect(body).toEqual({ webhookEventsHmacSecret: account.secret })
    expect(account.secret).not.toBe(before)
    expect(account.secrets).toEqual([before, account.secret])
    expect((await call('/v1/account')).body.info.webhookEventsHmacSecret).toBe(account.secret)
  })
  test('a missing or wrong bearer token is 401 with a google.rpc.Status', async () => {
    for (const headers of [{}, { authorization: account.token }, { authorization: 'Bearer x' }]) {
      for (const [path, method] of [
        ['/v1/account', 'GET'],
        [ROTATE, 'POST'],
      ] as const) {
        const { status, body } = await call(path, { method, headers: { ...headers } })
        expect(status).toBe(401)
        expect(body).toEqual({ code: 16, message: expect.any(String), details: [] })
      }
    }
    expect(account.secrets).toHaveLength(1)
  })
  test.each([
    ['GET', '/'],
    ['GET', '/v1/accounts'],
    ['POST', '/v1/account'],
    ['GET', ROTATE],
    ['GET', '/constructor'],
  ])('%s %s is 404 with a google.rpc.Status', async (method, path) => {
    const { status, body } = await call(path, { method })
    expect(status).toBe(404)
    expect(body).toMatchObject({ code: 5, details: [] })
    expect(account.secrets).toHaveLength(1)
  })
})

describe('what a test can do', () => {
  test('every call is on record', async () => {
    await call('/v1/account')
    await call(ROTATE, { method: 'POST' }, 'wrong')
    expect(account.calls).toEqual(['GET /v1/account', `POST ${ROTATE}`])
  })
  test('rotate as somebody else would, to a random secret or a given one', async () => {
    const before = account.secret
    expect(account.rotate()).toBe(account.secret)
    expect(account.secret).not.toBe(before)
    expect(account.rotate('wh_given')).toBe('wh_given')
    expect((await call('/v1/account')).body.info.webhookEventsHmacSecret).toBe('wh_given')
    expect(account.secrets).toHaveLength(3)
  })
  test('a fault answers every call until it is taken away', async () => {
    account.fail((_request, response) => response.writeHead(503).end('{}'))
    expect((await call('/v1/account')).status).toBe(503)
    expect((await call(ROTATE, { method: 'POST' })).status).toBe(503)
    account.fail(undefined)
    expect((await call('/v1/account')).status).toBe(200)
    expect(account.secrets).toHaveLength(1)
  })
  test('its secrets really sign', async () => {
    const { secret } = account
    const { body, headers } = await signedRequest({ secret })
    expect((await createVerifier({ secret }).check(body, headers)).ok).toBe(true)
  })
  test('token and first secret can be chosen, and differ otherwise', async () => {
    const chosen = await fakeAccount({ token: 'chosen', secret: 'wh_chosen' })
    expect(chosen).toMatchObject({ token: 'chosen', secret: 'wh_chosen', secrets: ['wh_chosen'] })
    await chosen.close()
    const other = await fakeAccount()
    expect(other.token).not.toBe(account.token)
    expect(other.secret).not.toBe(account.secret)
    await other.close()
  })
  test('close ends it although a call hangs, and may be called twice', async () => {
    const hanging = await fakeAccount()
    const asked = new Promise<void>((resolve) => hanging.fail(() => resolve()))
    const headers = { authorization: `Bearer ${hanging.token}` }
    const answer = fetch(`${hanging.baseUrl}/v1/account`, { headers }).catch(() => 'ended')
    await asked
    await hanging.close()
    expect(await answer).toBe('ended')
    await hanging.close()
  })
  test.each([{ port: 80 }, { token: 7 }, { secret: 7 }])('%p is a TypeError', async (options) => {
    await expect(fakeAccount(options as FakeAccountOptions)).rejects.toThrow(TypeError)
  })
})

test('it has a port, and await using closes it', async () => {
  const account = await fakeAccount()
  expect(account.baseUrl).toBe(`http://127.0.0.1:${account.port}`)
  await account[Symbol.asyncDispose]()
  await expect(fetch(account.baseUrl)).rejects.toThrow()
})
