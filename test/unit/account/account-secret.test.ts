import { describe, expect, it } from '@jest/globals'
import { createVerifier } from 'countersign'
import { type AccountSecret, accountSecret } from 'countersign/account'
import { createSigner, generateSecret } from 'countersign/sign'
import { createWorld, type World } from '../../support/rotation-world.js'
import { createVirtualTime } from '../../support/virtual-time.js'

const PATHS = { GET: '/v1/account', POST: '/v1/account:rotateWebhookSigningKey' }

interface AccountWorld extends World {
  readonly source: AccountSecret
  readonly answers: Record<'GET' | 'POST', (secret: string) => Response>
  readonly requests: string[]
}

const json = (value: unknown, init?: ResponseInit): Response =>
  new Response(JSON.stringify(value), init)

/** A world whose account is spoken to as `accountSecret` does. */
async function createAccountWorld(options: object = {}): Promise<AccountWorld> {
  const requests: string[] = []
  const answers: AccountWorld['answers'] = {
    GET: (secret) => json({ info: { webhookEventsHmacSecret: secret, more: 1 } }),
    POST: (secret) => json({ webhookEventsHmacSecret: secret }),
  }
  const world = createWorld({}, ({ fetch, ...rest }) =>
    accountSecret({
      ...rest,
      token: 'token',
      fetch: async (url, init) => {
        requests.push(`${init.method} ${new URL(url).pathname}`)
        expect(new URL(url).pathname).toBe(PATHS[init.method as 'GET' | 'POST'])
        if (init.method === 'POST') return answers.POST(world.rotate())
        return answers.GET(String(await fetch({ signal: init.signal as AbortSignal })))
      },
      ...options,
    }),
  )
  await world.time.pass(2)
  return Object.assign(world, { answers, requests }) as AccountWorld
}

describe('accountSecret', () => {
  it('reads the account and follows its rotations', async () => {
    const world = await createAccountWorld()
    expect(await world.deliver()).toBe('accepted')
    const old = world.secret
    world.rotate()
    expect(await world.deliver()).toBe('accepted')
    expect(await world.deliver(old)).toBe('accepted')
    expect(world.requests).toEqual(['GET /v1/account', 'GET /v1/account'])
  })

  it.each([
    ['no info', {}, 'secret_missing'],
    ['info that is null', { info: null }, 'secret_missing'],
    ['no secret', { info: {} }, 'secret_missing'],
    ['an empty secret', { info: { webhookEventsHmacSecret: '' } }, 'secret_missing'],
    ['a secret that is not text', { info: { webhookEventsHmacSecret: 42 } }, 'secret_missing'],
    ['a short secret', { info: { webhookEventsHmacSecret: 'wh_asdf1234' } }, 'secret_invalid'],
  ])(
    'an account with %s is an error event and keeps the last good secret',
    async (_, value, reason) => {
      const account = { answers: (): unknown => undefined }
      const world = await createAccountWorld({
        fetch: async () => json(account.answers() ?? { info: { webhookEventsHmacSecret: good } }),
        warm: false,
      })
      const good = world.secret
      await world.source.refresh()
      account.answers = () => value
      await expect(world.source.refresh()).rejects.toMatchObject({ reason })
      expect(world.errors).toMatchObject([{ reason }])
      expect(await world.deliver(good)).toBe('accepted')
    },
  )
})

describe('rotate()', () => {
  it('knows the new key at once and keeps the old one for the overlap', async () => {
    const world = await createAccountWorld()
    const old = world.secret
    await world.source.rotate()
    expect(world.requests).toEqual(['GET /v1/account', 'POST /v1/account:rotateWebhookSigningKey'])
    expect(world.secret).not.toBe(old)
    expect(await world.deliver()).toBe('accepted')
    await world.time.pass(299)
    expect(await world.deliver(old)).toBe('accepted')
    await world.time.pass(1)
    expect(await world.deliver(old)).toBe('signature_mismatch')
    expect(world.rotations).toHaveLength(1)
  })

  it('together with forgetPrevious() ends a leaked key at once', async () => {
    const world = await createAccountWorld()
    const leaked = world.secret
    await world.source.rotate()
    world.source.forgetPrevious()
    await world.time.pass(1)
    expect(await world.deliver(leaked)).toBe('signature_mismatch')
    expect(await world.deliver()).toBe('accepted')
  })

  it('is not undone by a read that was begun before', async () => {
    const world = await createAccountWorld()
    const old = world.secret
    let release = (): void => {}
    const { behaviour } = world
    world.behaviour = () => new Promise((resolve) => (release = () => resolve(old)))
    const refreshed = world.source.refresh()
    await world.source.rotate()
    release()
    await refreshed
    world.behaviour = behaviour
    expect(await world.deliver()).toBe('accepted')
    await world.time.pass(301)
    expect(await world.deliver()).toBe('accepted')
    expect(await world.deliver(old)).toBe('signature_mismatch')
  })

  it('that is answered late does not overrule a read that saw a newer key: the account is asked once more', async () => {
    const world = await createAccountWorld()
    await world.time.pass(1)
    const early = generateSecret()
    let answer = (): void => {}
    world.answers.POST = () =>
      new Promise<Response>(
        (resolve) => (answer = () => resolve(json({ webhookEventsHmacSecret: early }))),
      ) as unknown as Response
    const rotated = world.source.rotate()
    await world.time.settle()
    const newer = world.rotate()
    await world.source.refresh()
    answer()
    await rotated
    await world.time.settle()
    expect(world.requests.at(-1)).toBe('GET /v1/account')
    expect(world.source.status().previous).toHaveLength(2)
    await world.time.pass(301)
    expect(await world.deliver(early)).not.toBe('accepted')
    expect(await world.deliver(newer)).toBe('accepted')
  })

  it('asks the account if the answer does not hold the key', async () => {
    const world = await createAccountWorld()
    world.answers.POST = () => json({})
    await world.source.rotate()
    expect(world.requests).toEqual([
      'GET /v1/account',
      'POST /v1/account:rotateWebhookSigningKey',
      'GET /v1/account',
    ])
    expect(world.source.status().previous).toHaveLength(1)
    expect(await world.deliver()).toBe('accepted')
  })

  it('takes no longer than `timeout`, with the timers it was given', async () => {
    const world = await createAccountWorld({ timeout: 4 / 3 })
    world.answers.POST = () => new Response(new ReadableStream())
    const rotated = world.source.rotate().catch((error: unknown) => error)
    await world.time.pass(4 / 3)
    expect(await rotated).toMatchObject({ name: 'RefreshError', reason: 'timeout' })
    expect(await world.deliver()).toBe('accepted')
    expect(world.time.timers).toBe(0)
  })

  it('that takes too long aborts its calls: the rotation, and the read that follows it', async () => {
    const signals: (AbortSignal | null | undefined)[] = []
    const silent = new Promise<Response>(() => undefined)
    for (const answered of [silent, Promise.resolve(json({}))]) {
      const time = createVirtualTime()
      const source = accountSecret({
        token: 'token',
        warm: false,
        now: time.now,
        setTimeout: time.setTimeout,
        clearTimeout: time.clearTimeout,
        fetch: (_url, { method, signal }) => {
          signals.push(signal)
          return method === 'POST' ? answered : silent
        },
      })
      const rotated = source.rotate().catch((error: unknown) => error)
      await time.pass(4)
      expect(signals.at(-1)?.aborted).toBe(false)
      await time.pass(1)
      expect(await rotated).toMatchObject({ reason: 'timeout' })
      expect(signals.at(-1)?.aborted).toBe(true)
    }
    expect(signals).toHaveLength(3)
  })

  it('saves the new secret in the snapshot, so that a process that starts next knows it', async () => {
    const texts: string[] = []
    const snapshot = { load: () => texts.at(-1), save: (text: string) => void texts.push(text) }
    const world = await createAccountWorld({ snapshot })
    await world.source.rotate()
    const next = await createAccountWorld({
      snapshot,
      now: world.time.now,
      fetch: async () => json({}, { status: 401 }),
    })
    expect(next.source.status().keyIds).toEqual(world.source.status().keyIds)
  })

  it('ends with close(), and after it rotates nothing', async () => {
    const world = await createAccountWorld()
    world.answers.POST = () => new Response(new ReadableStream())
    const rotated = world.source.rotate().catch((error: unknown) => error)
    await world.time.settle()
    world.source.close()
    expect(await rotated).toMatchObject({ name: 'RefreshError' })
    expect(world.time.timers).toBe(0)
    const { secret } = world
    await expect(world.source.rotate()).rejects.toMatchObject({ name: 'RefreshError' })
    expect(world.secret).toBe(secret)
  })

  it('rejects if the account refuses, and changes nothing', async () => {
    const world = await createAccountWorld({
      fetch: async (_: string, init: RequestInit) =>
        init.method === 'POST'
          ? json({ code: 7, message: 'no', details: [] }, { status: 403 })
          : json({ info: { webhookEventsHmacSecret: good } }),
      warm: false,
    })
    const good = world.secret
    await world.source.refresh()
    await expect(world.source.rotate()).rejects.toMatchObject({
      name: 'AccountError',
      reason: 'unauthorized',
      status: 403,
      code: 7,
    })
    expect(await world.deliver(good)).toBe('accepted')
  })
})

it('an account secret works in a verifier as it stands', async () => {
  const secret = generateSecret()
  const source = accountSecret({
    token: 'token',
    fetch: async () => json({ info: { webhookEventsHmacSecret: secret } }),
  })
  const headers = await createSigner({ secret })('{}')
  await expect(createVerifier({ secret: source })('{}', headers)).resolves.toMatchObject({
    payload: {},
  })
  source.close()
})

it('that is passed on and not called says what to write, and an unknown option is a TypeError', async () => {
  const verify = createVerifier({ secret: accountSecret as never })
  const headers = await createSigner({ secret: generateSecret() })('{}')
  const request = {}
  await expect(verify('{}', headers, { request })).rejects.toMatchObject({
    code: 'secret_unavailable',
    message: 'secret is a function that was not called: write secret: accountSecret({ token })',
  })
  const options = { token: 'token', request } as object
  expect(() => accountSecret(options as { token: string })).toThrow(TypeError)
})
