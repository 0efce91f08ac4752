import { getEventListeners } from 'node:events'
import type { RequestListener } from 'node:http'
import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import {
  type AccountClientOptions,
  AccountError,
  createAccountClient,
  type Fetch,
} from 'countersign/account'
import { type FakeAccount, fakeAccount } from 'countersign/testing'
import fc from 'fast-check'
import { type RawServer, rawServer } from '../../support/raw-server.js'

type Client = typeof import('../../../src/account/account-client.js')

const TOKEN = 'tok_5up3r-S3cret+/="\\~'
const SECRET = 'wh_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo='

const servers: RawServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

async function serve(listener: RequestListener): Promise<RawServer> {
  const server = await rawServer(listener)
  servers.push(server)
  return server
}

/** The error of a call to a server that answers like this. Shows on the way that it holds no token and no secret. */
async function failure(
  listener: RequestListener,
  options: Partial<AccountClientOptions> = {},
): Promise<AccountError> {
  const { url } = await serve(listener)
  return failureOf(createAccountClient({ token: TOKEN, baseUrl: url, ...options }).retrieve())
}

async function failureOf(call: Promise<unknown>): Promise<AccountError> {
  const error: unknown = await call.then(
    () => undefined,
    (error) => error,
  )
  if (!(error instanceof AccountError)) throw new Error(`no AccountError: ${inspect(error)}`)
  expectSilence(error)
  return error
}

function expectSilence(error: AccountError): void {
  const shown = [
    inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }),
    JSON.stringify(error),
    String(error),
    error.stack,
  ].join('\n')
  for (const secret of [TOKEN, JSON.stringify(TOKEN).slice(1, -1), SECRET, SECRET.slice(3)]) {
    expect(shown).not.toContain(secret)
  }
}

function answers(body: string | object, status = 200, headers = {}): RequestListener {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return (_request, response) => response.writeHead(status, headers).end(text)
}

describe('against the account API', () => {
  let account: FakeAccount
  beforeEach(async () => {
    account = await fakeAccount({ token: TOKEN, secret: SECRET })
  })
  afterEach(() => account.close())

  test('retrieve', async () => {
    const client = createAccountClient({ token: TOKEN, baseUrl: account.baseUrl })
    const { metadata, info } = await client.retrieve()
    expect(metadata.id).not.toBe('')
    expect(info.webhookEventsHmacSecret).toBe(SECRET)
    expect(account.calls).toEqual(['GET /v1/account'])
  })
  test('rotateWebhookSigningKey answers the new key, and only that', async () => {
    const client = createAccountClient({ token: TOKEN, baseUrl: account.baseUrl })
    const answer = await client.rotateWebhookSigningKey()
    expect(answer).toEqual({ webhookEventsHmacSecret: account.secret })
    expect(account.secret).not.toBe(SECRET)
    expect((await client.retrieve()).info.webhookEventsHmacSecret).toBe(account.secret)
    expect(account.calls[0]).toBe('POST /v1/account:rotateWebhookSigningKey')
  })
  test('a wrong token is unauthorized', async () => {
    const client = createAccountClient({ token: 'other', baseUrl: account.baseUrl })
    const error = await failureOf(client.retrieve())
    expect(error).toMatchObject({ reason: 'unauthorized', status: 401, code: 16, details: [] })
    await expect(client.rotateWebhookSigningKey()).rejects.toMatchObject({ status: 401 })
    expect(account.secrets).toHaveLength(1)
  })
  test('a base URL with a path, with or without a slash behind', async () => {
    for (const path of ['/prefix', '/prefix/']) {
      const client = createAccountClient({ token: TOKEN, baseUrl: account.baseUrl + path })
      expect(await failureOf(client.retrieve())).toMatchObject({ status: 404, code: 5 })
    }
    expect(account.calls).toEqual(['GET /prefix/v1/account', 'GET /prefix/v1/account'])
  })
})

describe('what is sent', () => {
  test('the bearer token, and no body', async () => {
    const { url, requests } = await serve(answers({}))
    const client = createAccountClient({ token: TOKEN, baseUrl: url })
    await client.retrieve()
    await client.rotateWebhookSigningKey()
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /v1/account',
      'POST /v1/account:rotateWebhookSigningKey',
    ])
    for (const { headers } of requests) {
      expect(headers.authorization).toBe(`Bearer ${TOKEN}`)
      expect(headers.accept).toBe('application/json')
      expect(headers['content-length'] ?? '0').toBe('0')
    }
  })
  test('the default base URL is the account API itself', async () => {
    const urls: string[] = []
    const fetch: Fetch = async (url) => {
      urls.push(url)
      return new Response('{}')
    }
    await createAccountClient({ token: TOKEN, fetch }).retrieve()
    expect(urls).toEqual(['https://api.cadenya.com/v1/account'])
  })
})

describe('answers', () => {
  test('unknown fields pass through untouched', async () => {
    const body = {
      metadata: { id: 'acc_1', shard: 7 },
      spec: { workspaces: [{ metadata: { id: 'ws_1' }, spec: { later: true }, status: 'NEW' }] },
      info: { webhookEventsHmacSecret: SECRET, webhookEventsEd25519: 'whpk_x' },
      somethingNew: [1, null],
    }
    const { url } = await serve(answers(body))
    const client = createAccountClient({ token: TOKEN, baseUrl: url })
    expect(await client.retrieve()).toEqual(body)
  })
  test.each([
    ['HTML', '<!doctype html><title>Sign in</title>'],
    ['nothing', ''],
    ['half of it', `{"info":{"webhookEventsHmacSecret":"${SECRET}"`],
    ['a JSON array', `["${SECRET}"]`],
    ['a JSON string', `"${SECRET}"`],
    ['null', 'null'],
  ])('%s is answer_invalid', async (_name, body) => {
    const error = await failure(answers(body))
    expect(error).toMatchObject({ reason: 'answer_invalid', status: 200 })
    expect(error.cause).toBeUndefined()
  })
  test('bytes that are not UTF-8 are answer_invalid', async () => {
    const error = await failure((_request, response) => response.end(Buffer.from([0x22, 0xff])))
    expect(error.reason).toBe('answer_invalid')
  })
})

describe('an answer that is too large', () => {
  const large = JSON.stringify({ padding: 'x'.repeat(2000), secret: SECRET })

  test('with Content-Length', async () => {
    const error = await failure(answers(large), { maxResponseBytes: 1000 })
    expect(error).toMatchObject({ reason: 'answer_too_large', status: 200 })
  })
  test('without Content-Length', async () => {
    const chunked: RequestListener = (_request, response) => {
      for (const part of large.match(/.{1,100}/g) ?? []) response.write(part)
      response.end()
    }
    const error = await failure(chunked, { maxResponseBytes: 1000 })
    expect(error.reason).toBe('answer_too_large')
  })
  test('never-ending: given up at the limit, and the connection with it', async () => {
    let closed: Promise<unknown> = Promise.resolve()
    const endless: RequestListener = (_request, response) => {
      closed = new Promise((resolve) => response.on('close', resolve))
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(1000)));
      }
      response.on('drain', more)
      more()
    }
    expect((await failure(endless)).reason).toBe('answer_too_large')
    await closed
  })
  test('of exactly the limit it is taken', async () => {
    const { url } = await serve(answers(large))
    const options = { token: TOKEN, baseUrl: url, maxResponseBytes: large.length }
    expect(await createAccountClient(options).retrieve()).toEqual(JSON.parse(large))
  })
  test('the default limit is 1 MiB', async () => {
    const json = (length: number): string => `{"a":"${'x'.repeat(length - 8)}"}`
    const { url } = await serve(answers(json(1_048_576)))
    await createAccountClient({ token: TOKEN, baseUrl: url }).retrieve()
    expect((await failure(answers(json(1_048_577)))).reason).toBe('answer_too_large')
  })
})

describe('no answer', () => {
  test('nobody listens', async () => {
    const server = await rawServer(answers({}))
    await server.close()
    const client = createAccountClient({ token: TOKEN, baseUrl: server.url })
    const error = await failureOf(client.retrieve())
    expect(error).toMatchObject({ reason: 'network', status: undefined, code: undefined })
    expect(inspect(error.cause)).toContain('ECONNREFUSED')
  })
  test('the connection is reset at once', async () => {
    const error = await failure((request) => request.socket.resetAndDestroy())
    expect(error).toMatchObject({ reason: 'network', status: undefined })
  })
  test('the connection is reset half way through the body', async () => {
    const error = await failure((request, response) => {
      response.writeHead(200, { 'content-length': 1000 })
      response.write(`{"secret":"${SECRET}"`, () => request.socket.resetAndDestroy())
    })
    expect(error.reason).toBe('network')
  })
  test('no header within the time', async () => {
    const error = await failure(() => {}, { timeout: 0.02 })
    expect(error).toMatchObject({ reason: 'timeout', status: undefined })
  })
  test('a body that stalls', async () => {
    const stalls: RequestListener = (_request, response) => void response.write('{"a":')
    expect((await failure(stalls, { timeout: 0.05 })).reason).toBe('timeout')
  })
  test('an error body that stalls still gives the status', async () => {
    const stalls: RequestListener = (_request, response) => {
      response.writeHead(503)
      response.write('{"code":')
    }
    // Over when the head is there, and the client waits for the body.
    const abort = new AbortController()
    const untilHead: Fetch = (url, init) =>
      fetch(url, init).finally(() => setImmediate(() => abort.abort()))
    const { url } = await serve(stalls)
    const client = createAccountClient({ token: TOKEN, baseUrl: url, fetch: untilHead })
    const error = await failureOf(client.retrieve({ signal: abort.signal }))
    expect(error).toMatchObject({ reason: 'unavailable', status: 503, code: undefined })
  })
  test.each([0.0155, 16.1, 1e9])('a time-out of %p s is one the timers take', async (timeout) => {
    // Answers at once: how long a server takes is not the question.
    const answer = async (): Promise<Response> => Response.json({ info: {} })
    const client = createAccountClient({ token: TOKEN, timeout, fetch: answer })
    expect(await client.retrieve()).toEqual({ info: {} })
  })
  test('the caller’s own signal ends the call', async () => {
    const abort = new AbortController()
    const { url } = await serve(() => abort.abort())
    const client = createAccountClient({ token: TOKEN, baseUrl: url, timeout: 1e6 })
    const error = await failureOf(client.retrieve({ signal: abort.signal }))
    expect(error).toMatchObject({ reason: 'timeout', status: undefined })
  })
})

describe('errors of the API', () => {
  const rpc = { code: 7, message: 'no such right', details: [{ '@type': 'x', reason: 'POLICY' }] }

  test('status, code, message and details are carried', async () => {
    const error = await failure(answers(rpc, 403))
    expect(error).toMatchObject({ reason: 'unauthorized', status: 403, code: 7 })
    expect(error.details).toEqual(rpc.details)
    expect(error.message).toContain('no such right')
    expect(error.name).toBe('AccountError')
  })
  test.each([
    [300, 'redirected'],
    [400, 'rejected'],
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [404, 'rejected'],
    [429, 'rate_limited'],
    [500, 'unavailable'],
    [503, 'unavailable'],
  ])('%d is %s', async (status, reason) => {
    expect(await failure(answers(rpc, status))).toMatchObject({ status, reason })
  })
  test.each([
    ['HTML', '<html>Bad gateway</html>'],
    ['an array', '[]'],
    ['fields of other types', '{"code":"7","message":7,"details":{}}'],
    ['too much', `"${'x'.repeat(2_000_000)}"`],
  ])('%s in place of google.rpc.Status leaves the status', async (_name, body) => {
    const error = await failure(answers(body, 502))
    expect(error).toMatchObject({ status: 502, code: undefined, details: [] })
    expect(error.message.length).toBeLessThan(100)
  })
  test('a body too deep to look through leaves the status', async () => {
    const deep = `{"details":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    const error = await failure(answers(deep, 400))
    expect(error).toMatchObject({ reason: 'rejected', status: 400, details: [] })
  })
  test('a long message is cut short', async () => {
    const error = await failure(answers({ ...rpc, message: 'x'.repeat(100_000) }, 400))
    expect(error.message.length).toBeLessThan(300)
  })
  test('what the API or a proxy echoes is blotted out', async () => {
    const echo = { authorization: `Bearer ${TOKEN}`, secret: SECRET }
    const message = `bad token ${TOKEN}, secret ${SECRET}`
    const error = await failure(answers({ code: 3, message, details: [echo, [TOKEN]] }, 400))
    expect(error.code).toBe(3)
    expect(error.message).toContain('bad token')
    expect(error.details).toHaveLength(2)
  })

  test.each([
    ['30', 30],
    ['0', 0],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 0],
    ['1.5', 1.5],
    ['7 ', 7],
    ['2026', 2026],
    ['-1', 0],
    ['9'.repeat(400), undefined],
    ['soon', undefined],
    ['', undefined],
  ])('Retry-After: %s', async (value, seconds) => {
    const error = await failure(answers(rpc, 429, { 'retry-after': value }))
    expect(error.retryAfter).toBe(seconds)
  })
  test('Retry-After as a date to come', async () => {
    const date = new Date(Date.now() + 60_000).toUTCString()
    const { retryAfter } = await failure(answers(rpc, 503, { 'retry-after': date }))
    expect(retryAfter).toBeGreaterThan(50)
    expect(retryAfter).toBeLessThanOrEqual(60)
  })
})

describe('the defaults', () => {
  afterEach(() => {
    jest.useRealTimers()
  })
  test('a call ends after 10 seconds', async () => {
    jest.useFakeTimers()
    const fetch: Fetch = () => new Promise(() => {})
    const ended = jest.fn()
    const call = failureOf(createAccountClient({ token: TOKEN, fetch }).retrieve()).then(ended)
    await jest.advanceTimersByTimeAsync(9_999)
    expect(ended).not.toHaveBeenCalled()
    await jest.advanceTimersByTimeAsync(1)
    await call
    expect(ended).toHaveBeenCalledWith(expect.objectContaining({ reason: 'timeout' }))
  })
  test('a time-out that is longer than the timers of the platform does not end a call at once', async () => {
    jest.useFakeTimers()
    const fetch: Fetch = () => new Promise(() => {})
    const ended = jest.fn()
    const client = createAccountClient({ token: TOKEN, fetch, timeout: 3_000_000 })
    const call = failureOf(client.retrieve()).then(ended)
    await jest.advanceTimersByTimeAsync(60_000)
    expect(ended).not.toHaveBeenCalled()
    await jest.advanceTimersByTimeAsync(3_000_000_000)
    await call
    expect(ended).toHaveBeenCalledWith(expect.objectContaining({ reason: 'timeout' }))
  })
  test('a call that has ended leaves no timer', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] })
    const fetch: Fetch = async () => Response.json({})
    await createAccountClient({ token: TOKEN, fetch }).retrieve()
    expect(jest.getTimerCount()).toBe(0)
  })
  test('an answer may have 1 MiB, and not a byte more', async () => {
    const around = JSON.stringify({ padding: '' }).length
    const answer = (size: number): Response =>
      new Response(JSON.stringify({ padding: 'x'.repeat(size - around) }))
    const retrieve = (size: number) =>
      createAccountClient({ token: TOKEN, fetch: async () => answer(size) }).retrieve()
    expect(await retrieve(1_048_576)).toHaveProperty('padding')
    expect(await failureOf(retrieve(1_048_577))).toMatchObject({ reason: 'answer_too_large' })
  })
})

describe('redirects', () => {
  test.each([301, 302, 303, 307, 308])(
    '%d is refused, and the token goes nowhere',
    async (status) => {
      const elsewhere = await serve(answers({ info: { webhookEventsHmacSecret: SECRET } }))
      const location = `${elsewhere.url}/v1/account`
      const { url } = await serve(answers('', status, { location }))
      const client = createAccountClient({ token: TOKEN, baseUrl: url })
      for (const call of [client.retrieve(), client.rotateWebhookSigningKey()]) {
        expect(await failureOf(call)).toMatchObject({ reason: 'redirected', status })
      }
      expect(elsewhere.requests).toHaveLength(0)
    },
  )
  test('to the same server as well', async () => {
    const server = await serve(answers('', 302, { location: '/v1/account' }))
    const client = createAccountClient({ token: TOKEN, baseUrl: server.url })
    expect((await failureOf(client.retrieve())).reason).toBe('redirected')
    expect(server.requests).toHaveLength(1)
  })
  test('give up the body', async () => {
    const cancel = jest.fn(() => {})
    const fetch: Fetch = async () => new Response(new ReadableStream({ cancel }), { status: 302 })
    await failureOf(createAccountClient({ token: TOKEN, fetch }).retrieve())
    expect(cancel).toHaveBeenCalledTimes(1)
  })
  test('with a body that cannot be given up', async () => {
    const cancel = () => Promise.reject(new Error('locked'))
    const fetch: Fetch = async () => new Response(new ReadableStream({ cancel }), { status: 302 })
    const error = await failureOf(createAccountClient({ token: TOKEN, fetch }).retrieve())
    expect(error).toMatchObject({ reason: 'redirected', status: 302, details: [] })
  })
  test.each<[string, () => { body?: unknown }, (body: unknown) => unknown]>([
    [
      'a stream of Node, as node-fetch has it, which is destroyed',
      () => ({ body: Readable.from(['{}']) }),
      (body) => (body as Readable).destroyed,
    ],
    ['an object that cannot be given up', () => ({ body: {} }), () => true],
    ['no body', () => ({}), () => true],
  ])('whose body is %s', async (_name, answer, isGivenUp) => {
    const { body } = answer()
    const fetch: Fetch = async () => ({ status: 302, body }) as Response
    const error = await failureOf(createAccountClient({ token: TOKEN, fetch }).retrieve())
    expect(error).toMatchObject({ reason: 'redirected', status: 302 })
    expect(isGivenUp(body)).toBe(true)
  })
  test('opaque, as browsers and Workers show them', async () => {
    const fetch: Fetch = async (_url, init) => {
      expect(init.redirect).toBe('manual')
      return Object.defineProperty(new Response(null), 'status', { value: 0 })
    }
    const error = await failureOf(createAccountClient({ token: TOKEN, fetch }).retrieve())
    expect(error.reason).toBe('redirected')
  })
})

describe('a fetch of one’s own', () => {
  test('whose error carries the request gives the reason, not the token', async () => {
    const fetch: Fetch = async (url, init) => {
      const cause = Object.assign(new Error('tls failed'), { code: 'EPROTO', request: init })
      throw Object.assign(new Error(`GET ${url} with ${TOKEN}`, { cause }), { config: init })
    }
    const error = await failureOf(createAccountClient({ token: TOKEN, fetch }).retrieve())
    expect(error.reason).toBe('network')
    expect(error.cause).toMatchObject({ code: 'EPROTO' })
    expect(inspect(error.cause)).toContain('tls failed')
  })
  test.each<[string, Fetch]>([
    ['answers never', () => new Promise(() => undefined)],
    ['sends its body never', async () => new Response(new ReadableStream())],
  ])('that %s and heeds no signal ends in time', async (_, fetch) => {
    const client = createAccountClient({ token: TOKEN, fetch, timeout: 0.01 })
    expect(await failureOf(client.retrieve())).toMatchObject({ reason: 'timeout' })
    const ended = client.retrieve({ signal: AbortSignal.abort() })
    expect(await failureOf(ended)).toMatchObject({ reason: 'timeout' })
  })
  test('that is a stub with ok and json() alone is an answer of 200', async () => {
    const fetch = async () => ({ ok: true, json: async () => ({ info: {} }) }) as Response
    expect(await createAccountClient({ token: TOKEN, fetch }).retrieve()).toEqual({ info: {} })
  })
  test.each([{ ok: false, json: async () => ({}) }, { json: async () => ({}) }, {}, undefined])(
    'that is a stub without a status is answer_invalid: %p',
    async (stub) => {
      const fetch = async () => stub as unknown as Response
      const error = await failureOf(createAccountClient({ token: TOKEN, fetch }).retrieve())
      expect(error).toMatchObject({ reason: 'answer_invalid', status: undefined })
    },
  )
  test.each([{}, { headers: {} }, { headers: new Map([['retry-after', '7']]) }])(
    'that is a stub of a failure keeps its status: %p',
    async (more) => {
      const stub = { status: 503, json: async () => ({ code: 14 }), ...more }
      const fetch = async () => stub as unknown as Response
      const error = await failureOf(createAccountClient({ token: TOKEN, fetch }).retrieve())
      const retryAfter = 'headers' in more && more.headers instanceof Map ? 7 : undefined
      expect(error).toMatchObject({ reason: 'unavailable', status: 503, code: 14, retryAfter })
    },
  )
  test('leaves nothing on the caller’s signal', async () => {
    const { signal } = new AbortController()
    const fetch: Fetch = async () => new Response('{}')
    await createAccountClient({ token: TOKEN, fetch }).retrieve({ signal })
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
  test.each([undefined, null, 'no', 7])('that throws %p', async (thrown) => {
    const fetch: Fetch = async () => {
      throw thrown
    }
    const error = await failureOf(createAccountClient({ token: TOKEN, fetch }).retrieve())
    expect(error.reason).toBe('network')
  })
})

describe('what is wrong, what was found, what to do', () => {
  const answered = (body: BodyInit | null, status: number): Fetch => {
    return async () => Object.defineProperty(new Response(body), 'status', { value: status })
  }
  const refused = Object.assign(new TypeError('fetch failed'), {
    cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
  })
  const broken = new ReadableStream({ pull: () => Promise.reject(refused) })
  test.each<[string, Fetch]>([
    [
      'the account API answered 401: no such token (check the token: is it revoked or of another account?)',
      answered('{"message":"no such token"}', 401),
    ],
    [
      'the account API answered 403 (check the token: is it revoked or of another account?)',
      answered('', 403),
    ],
    ['the account API answered 404 (check baseUrl)', answered('', 404)],
    ['the account API answered 503', answered('', 503)],
    [
      'the account API redirects, which is refused to protect the token: check baseUrl',
      answered(null, 302),
    ],
    [
      'the account API could not be reached (TypeError ECONNREFUSED): check baseUrl and DNS',
      () => Promise.reject(refused),
    ],
    [
      'the account API broke off its answer (TypeError ECONNREFUSED): check the connection',
      answered(broken, 200),
    ],
    [
      'the fetch function must return a Response, with a status and a body',
      async () => ({}) as Response,
    ],
  ])('%s', async (message, fetch) => {
    const client = createAccountClient({ token: TOKEN, fetch })
    expect((await failureOf(client.retrieve())).message).toBe(message)
  })
  test('no answer in time', async () => {
    const fetch: Fetch = () => new Promise(() => undefined)
    const client = createAccountClient({ token: TOKEN, fetch, timeout: 0.01 })
    expect((await failureOf(client.retrieve())).message).toBe(
      'the account API did not answer in time: check the connection, or raise timeout',
    )
  })
})

test('a runtime without TextDecoder is named at creation, and is not an account that answers badly', () => {
  const { TextDecoder } = globalThis
  jest.isolateModules(() => {
    const { createAccountClient } = jest.requireActual<Client>(
      '../../../src/account/account-client.js',
    )
    Reflect.deleteProperty(globalThis, 'TextDecoder')
    try {
      expect(() => createAccountClient({ token: TOKEN })).toThrow(
        /^this runtime offers no TextDecoder; .*@jest-environment node/,
      )
    } finally {
      globalThis.TextDecoder = TextDecoder
    }
  })
})

describe('options', () => {
  test.each([undefined, null, '', ' ', 'two words', 'line\n', 'caf\u00e9', 7])(
    'token %p is a TypeError that does not quote it',
    (token) => {
      const options = { token } as AccountClientOptions
      expect(() => createAccountClient(options)).toThrow(TypeError)
      expect(() => createAccountClient(options)).toThrow(/token/)
      if (typeof token === 'string' && token.trim()) {
        expect(() => createAccountClient(options)).not.toThrow(token)
      }
    },
  )
  test.each([
    '',
    'api.cadenya.com',
    'ftp://api.cadenya.com',
    'xhttp://localhost',
    'https://api.cadenya.com/?a=1',
    'https://api.cadenya.com/#a',
    'https://user:password@api.cadenya.com',
    'https://:password@api.cadenya.com',
    7,
  ])('baseUrl %p is a TypeError that says what a good one is', (baseUrl) => {
    const options = { token: TOKEN, baseUrl } as AccountClientOptions
    expect(() => createAccountClient(options)).toThrow(TypeError)
    expect(() => createAccountClient(options)).toThrow(
      /^baseUrl (is empty: is the environment variable set\?|must be (an http\(s\) URL .*, such as https:\/\/api\.cadenya\.com|a string, not 7))$/,
    )
  })
  test.each([
    ['', /^token is empty: is the environment variable set\?$/],
    ['  ', /^token is empty: is the environment variable set\?$/],
    [undefined, /^token is undefined: is the environment variable set\?$/],
    ['undefined', /^token is undefined: is the environment variable set\?$/],
    [null, /^token is null: is the environment variable set\?$/],
    [Promise.resolve('abc'), /bearer token, but it is a value of type object$/],
    ['Bearer abc', /it starts with the word 'Bearer': leave that out$/],
    ['bearer abc', /it starts with the word 'Bearer': leave that out$/],
    ['abc\n', /it ends in a line break: trim it$/],
    ['abc\r\n', /it ends in a line break: trim it$/],
    ['the Bearer abc', /it holds white space .*: copy it again$/],
    ['ab\nc', /it holds white space .*: copy it again$/],
    ['a bc', /it holds white space .*: copy it again$/],
  ])('the message for the token %p says what is wrong', (token, words) => {
    expect(() => createAccountClient({ token } as AccountClientOptions)).toThrow(words)
  })

  const plain = [
    'http://api.cadenya.com',
    'http://10.0.0.1',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
  ]
  test.each([
    ...plain,
    'http://127.example.com',
    'http://account',
    'http://notlocalhost',
    'http://[::2]',
  ])('plain http to %s is refused, with the way out, unless it is asked for', (baseUrl) => {
    const options = { token: TOKEN, baseUrl }
    expect(() => createAccountClient(options)).toThrow(/plain http.*dangerouslyAllowHttp/)
    expect(() => createAccountClient({ ...options, dangerouslyAllowHttp: false })).toThrow()
    expect(() => createAccountClient({ ...options, dangerouslyAllowHttp: true })).not.toThrow()
  })
  test.each(plain)('plain http to %s is refused for a fetch of your own as well', (baseUrl) => {
    const fetch = async () => new Response('{}')
    expect(() => createAccountClient({ token: TOKEN, baseUrl, fetch })).toThrow(/plain http/)
  })
  test.each([
    'http://localhost:4000',
    'http://127.0.0.1',
    'http://127.1',
    'http://127.10.200.30',
    'http://[::1]:4000',
    'http://app.localhost',
  ])('plain http within this machine is taken: %s', (baseUrl) => {
    expect(() => createAccountClient({ token: TOKEN, baseUrl })).not.toThrow()
  })
  test('a name without a dot belongs to the fetch that knows it, as that of a service binding', async () => {
    const fetch = async (url: string) => Response.json({ url })
    const client = createAccountClient({ token: TOKEN, baseUrl: 'http://account', fetch })
    expect(await client.retrieve()).toEqual({ url: 'http://account/v1/account' })
  })

  test.each([
    { dangerouslyAllowHttp: 'false' },
    { dangerouslyAllowHttp: 1 },
    { timeout: 0 },
    { timeout: -1 },
    { timeout: Number.NaN },
    { timeout: Number.POSITIVE_INFINITY },
    { timeout: '10' },
    { maxResponseBytes: 0 },
    { maxResponseBytes: Number.NaN },
    { fetch: 'fetch' },
    { retries: 3 },
  ])('%p is a TypeError that names it', (option) => {
    const options = { token: TOKEN, ...option } as AccountClientOptions
    const [name = ''] = Object.keys(option)
    expect(() => createAccountClient(options)).toThrow(TypeError)
    expect(() => createAccountClient(options)).toThrow(name)
  })
  test.each([undefined, null, 'token'])('%p in place of options is a TypeError', (options) => {
    const wrong = options as unknown as AccountClientOptions
    expect(() => createAccountClient(wrong)).toThrow(TypeError)
  })
})

describe('any answer at all', () => {
  /** Text in which the token and the secret turn up as often as not, whole or with something around. */
  const text = fc.oneof(
    fc.constantFrom(TOKEN, SECRET, `Bearer ${TOKEN}`, `${SECRET},`),
    fc.string(),
  )
  const value = fc.oneof(fc.jsonValue(), text, fc.array(text), fc.dictionary(text, text))
  const status = fc.record({ code: value, message: value, details: value }, { requiredKeys: [] })
  const body = fc.oneof(
    text,
    fc.uint8Array(),
    status.map((status) => JSON.stringify(status)),
    value.map((value) => JSON.stringify(value)),
  )
  const answer = fc.record({
    status: fc.oneof(fc.constant(200), fc.integer({ min: 200, max: 599 })),
    body,
    retryAfter: fc.option(fc.string({ unit: fc.constantFrom(...'0123456789 .-+eT:,GMT') })),
  })

  test('is the object that it holds, or an AccountError without token and secret', async () => {
    await fc.assert(
      fc.asyncProperty(answer, async ({ status, body, retryAfter }) => {
        const hasBody = ![204, 205, 304].includes(status)
        const headers: HeadersInit = retryAfter === null ? [] : [['retry-after', retryAfter]]
        const fetch: Fetch = async () =>
          new Response(hasBody ? Buffer.from(body) : null, { status, headers })
        const call = createAccountClient({ token: TOKEN, fetch }).retrieve()
        if (status < 300 && hasBody && isJsonObject(body)) {
          expect(await call).toEqual(JSON.parse(String(body)))
          return
        }
        const error = await failureOf(call)
        expect(error.status).toBe(status)
        expect(error.retryAfter ?? 0).toBeGreaterThanOrEqual(0)
        expect(error.retryAfter ?? 0).toBeLessThan(Number.POSITIVE_INFINITY)
      }),
      { numRuns: 500 },
    )
  })

  function isJsonObject(body: string | Uint8Array): boolean {
    try {
      const value: unknown = JSON.parse(Buffer.from(body).toString())
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    } catch {
      return false
    }
  }
})
