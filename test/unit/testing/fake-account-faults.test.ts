import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createAccountClient } from 'countersign/account'
import { type FakeAccount, type FakeAccountStep, fakeAccount } from 'countersign/testing'

let account: FakeAccount
beforeEach(async () => {
  account = await fakeAccount()
})
afterEach(() => account.close())

// Long, so that only a call that is never answered runs into it, however busy the machine is.
function client(timeout = 20): ReturnType<typeof createAccountClient> {
  return createAccountClient({ token: account.token, baseUrl: account.baseUrl, timeout })
}

async function secretOrReason(timeout?: number): Promise<string | undefined> {
  try {
    return (await client(timeout).retrieve()).info.webhookEventsHmacSecret
  } catch (error) {
    return (error as { reason: string }).reason
  }
}

test('answers as the documents say', async () => {
  expect((await client().retrieve()).info.webhookEventsHmacSecret).toBe(account.secret)
  const { webhookEventsHmacSecret: rotated } = await client().rotateWebhookSigningKey()
  expect(rotated).toBe(account.secret)
  expect(account.secrets).toHaveLength(2)
  expect(account.calls).toEqual(['GET /v1/account', 'POST /v1/account:rotateWebhookSigningKey'])
})

test('takes a token and a secret, and knows no other token, path or method', async () => {
  const own = await fakeAccount({ token: 'mine', secret: 'wh_given' })
  const get = (path: string, token: string, method = 'GET'): Promise<Response> =>
    fetch(own.baseUrl + path, { method, headers: { authorization: `Bearer ${token}` } })
  expect(own.secret).toBe('wh_given')
  const denied = await get('/v1/account', 'other')
  expect(denied.status).toBe(401)
  expect(await denied.json()).toEqual({ code: 16, message: 'invalid bearer token', details: [] })
  expect((await get('/v1/else', 'mine')).status).toBe(404)
  expect((await get('/v1/account', 'mine', 'DELETE')).status).toBe(404)
  await own.close()
  await expect(fakeAccount({ tokn: '' } as never)).rejects.toThrow(TypeError)
})

describe('faults', () => {
  test.each<[FakeAccountStep & string, string]>([
    ['hang', 'timeout'],
    ['reset', 'network'],
    ['garbage', 'answer_invalid'],
    ['huge', 'answer_too_large'],
  ])('%s is seen as %s, until it is taken away', async (fault, reason) => {
    await account.fail(fault as 'hang')
    const timeout = reason === 'timeout' ? 0.3 : undefined
    expect(await secretOrReason(timeout)).toBe(reason)
    expect(await secretOrReason(timeout)).toBe(reason)
    await account.fail(undefined)
    expect(await secretOrReason()).toBe(account.secret)
  })

  test('missing: an answer without the secret', async () => {
    await account.fail('missing')
    expect(await client().retrieve()).toEqual({})
  })

  test('refuse: no connection, and then one at the same port', async () => {
    await account.fail('refuse')
    await expect(fetch(account.baseUrl)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
    await account.fail('refuse')
    await account.fail(undefined)
    expect(await secretOrReason()).toBe(account.secret)
  })

  test('a status with Retry-After', async () => {
    await account.fail({ status: 503, retryAfter: 7 })
    await expect(client().retrieve()).rejects.toMatchObject({
      status: 503,
      retryAfter: 7,
      code: 14,
    })
  })

  test('a delay, then the right answer', async () => {
    await account.fail({ delay: 0.01 })
    expect(await secretOrReason()).toBe(account.secret)
    await account.fail({ delay: 30 })
    expect(await secretOrReason(0.3)).toBe('timeout')
  })

  test('a function of one’s own', async () => {
    await account.fail((_, response) => response.writeHead(418).end())
    await expect(client().retrieve()).rejects.toMatchObject({ status: 418 })
  })

  test.each([
    { statsu: 503 },
    { status: 0 },
    { status: 199 },
    { status: 600 },
    { status: 1000 },
    { status: 503.5 },
    { status: '503' },
    { status: 503, retryAfter: NaN },
    { delay: -1 },
    { delay: '1' },
    null,
  ])('%p is a TypeError, not a fault that never shows', async (fault) => {
    expect(() => account.script(fault as FakeAccountStep)).toThrow(TypeError)
  })

  test('a name that does not exist', async () => {
    await expect(account.fail('burn' as 'hang')).rejects.toThrow('hang, reset')
    expect(() => account.script('refuse' as 'hang')).toThrow(TypeError)
  })
})

test('a script comes before the fault of every call', async () => {
  await account.fail({ status: 500 })
  account.script('answer', 'reset')
  expect(await secretOrReason()).toBe(account.secret)
  expect(await secretOrReason()).toBe('network')
  expect(await secretOrReason()).toBe('unavailable')
})

test('a script: one step for each call, then answers', async () => {
  const first = account.secret
  account.script('answer', { status: 500 }, 'rotate', 'reset')
  const seen = []
  for (let i = 0; i < 5; i++) seen.push(await secretOrReason())
  expect(seen).toEqual([first, 'unavailable', account.secret, 'network', account.secret])
  expect(account.secret).not.toBe(first)
})
