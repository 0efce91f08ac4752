import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { memoryStore, type VerdictEvent, WebhookError, type WebhookErrorCode } from 'countersign'
import { webhookHandler } from 'countersign/fetch'
import {
  callback,
  createReceiver,
  type ReceiverOptions,
  readEventBody,
  STATUS,
} from 'countersign/http'
import { generateSecret } from 'countersign/sign'
import { type SignedRequest, signedRequest } from 'countersign/testing'

const secret = generateSecret()

/** Section 3 of the contract. */
const statuses: Record<WebhookErrorCode, number> = {
  header_missing: 400,
  header_malformed: 400,
  timestamp_too_old: 401,
  timestamp_too_new: 401,
  signature_mismatch: 401,
  payload_invalid: 400,
  body_too_large: 413,
  body_encoding_unsupported: 415,
  body_unavailable: 500,
  secret_unavailable: 503,
  signature_undecided: 503,
  delivery_in_progress: 503,
  store_unavailable: 503,
  claim_lost: 503,
}
const codes = Object.keys(statuses) as WebhookErrorCode[]

function receive(
  options: Partial<ReceiverOptions>,
  { headers, body }: Pick<SignedRequest, 'headers'> & { body: SignedRequest['body'] },
  readBody: (maxBytes: number) => Uint8Array = () => body,
) {
  return createReceiver({ secret, ...options })({ headers, readBody, context: {} })
}

/** The answer that the sender gets if verification fails with this error. */
async function answerTo(error: unknown) {
  const fails = () => {
    throw error
  }
  const outcome = await receive({ secret: fails }, await signedRequest({ secret }))
  if ('webhook' in outcome) throw new Error('accepted')
  return outcome
}

describe('the answer', () => {
  test('every code has its status, and there is no other code', () => {
    expect(STATUS).toEqual(statuses)
  })
  test.each(codes)('%s is a problem document', async (code) => {
    const { status, headers, body, error } = await answerTo(new WebhookError(code, 'words'))
    expect(status).toBe(statuses[code])
    expect(headers).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    })
    const title = code.split('_').join(' ')
    expect(JSON.parse(body)).toMatchObject({ status, code, type: 'about:blank', title })
    expect(error).toMatchObject({ code })
  })
  test.each(codes.filter((code) => !code.startsWith('body_')))(
    '%s holds nothing but the code: neither message nor cause',
    async (code) => {
      const cause = new Error('token tok_1 refused')
      const { body, headers } = await answerTo(
        new WebhookError(code, 'expected v1,AAAA', { cause, retryAfter: 1 }),
      )
      expect(Object.keys(JSON.parse(body)).sort()).toEqual(['code', 'status', 'title', 'type'])
      expect(body + JSON.stringify(headers)).not.toMatch(/AAAA|tok_1|refused/)
    },
  )
  test.each(codes.filter((code) => code.startsWith('body_')))(
    '%s says what is wrong with the set-up',
    async (code) => {
      const { body } = await answerTo(new WebhookError(code, 'mount it before the parser'))
      expect(JSON.parse(body).detail).toBe('mount it before the parser')
    },
  )
  test.each([
    [1, '1'],
    [0.2, '1'],
    [6.2, '7'],
    [0, '0'],
  ])('retryAfter %p is Retry-After: %p, in whole seconds', async (retryAfter, header) => {
    const error = new WebhookError('secret_unavailable', 'words', { retryAfter })
    expect((await answerTo(error)).headers['retry-after']).toBe(header)
  })
  test.each(codes)('%s of the application’s own has a Retry-After if it is 503', async (code) => {
    const { headers } = await answerTo(new WebhookError(code))
    expect(headers['retry-after']).toBe(statuses[code] === 503 ? '5' : undefined)
  })
  test('an error of another copy of the package counts as well', async () => {
    const brand = Symbol.for('countersign')
    const foreign = Object.assign(new Error('words'), { code: 'timestamp_too_old', [brand]: true })
    expect((await answerTo(foreign)).status).toBe(401)
  })
  test('a lookup that fails is secret_unavailable with Retry-After, and the answer does not say why', async () => {
    const { status, headers, body, error } = await answerTo(new Error('vault sealed'))
    expect(status).toBe(503)
    expect(headers['retry-after']).toMatch(/^[1-9]\d*$/)
    expect(body).not.toContain('vault')
    expect(error).toMatchObject({ code: 'secret_unavailable', cause: new Error('vault sealed') })
  })
})

describe('the order of things', () => {
  test('an authentic delivery comes out as a webhook', async () => {
    const delivery = await signedRequest({ secret, payload: { n: 1 } })
    expect(await receive({}, delivery)).toMatchObject({ webhook: { payload: { n: 1 } } })
  })
  test('readBody is called with the limit: 1 MiB by default', async () => {
    const limits: number[] = []
    const delivery = await signedRequest({ secret, body: '' })
    const readBody = (maxBytes: number) => {
      limits.push(maxBytes)
      return delivery.body
    }
    await receive({}, delivery, readBody)
    await receive({ maxBodyBytes: 7 }, delivery, readBody)
    await receive({ maxBodyBytes: 0 }, delivery, readBody)
    expect(limits).toEqual([1_048_576, 7, 0])
  })
  test('headers, time and the form of the signature are checked before the body is read, once', async () => {
    const clock = jest.fn(() => Date.now())
    const readBody = jest.fn(() => new Uint8Array(0))
    const { headers } = await signedRequest({ secret, body: '' })
    const stale = await signedRequest({ secret, body: '', timestamp: 1_000_000_000 })
    const bad: Record<string, object> = {
      header_missing: {},
      header_malformed: { ...headers, 'webhook-id': 'two words' },
      timestamp_too_old: stale.headers,
      signature_mismatch: { ...headers, 'webhook-signature': 'v1,short v2,other' },
    }
    for (const [code, headers] of Object.entries(bad)) {
      const refused = await receive(
        { now: clock },
        { headers: headers as never, body: new Uint8Array(0) },
        readBody,
      )
      expect(refused).toMatchObject({ error: { code } })
    }
    expect(readBody).not.toHaveBeenCalled()
    clock.mockClear()
    expect(
      await receive({ now: clock }, { headers, body: new Uint8Array(0) }, readBody),
    ).toHaveProperty('webhook')
    expect([clock, readBody].map(({ mock }) => mock.calls.length)).toEqual([1, 1])
  })
  test('the bytes of an earlier receiver are used up to the limit, and then not read again', async () => {
    const { headers, body } = await signedRequest({ secret, payload: { n: 1 } })
    const readBody = jest.fn(() => body)
    const again = (maxBodyBytes: number) =>
      createReceiver({ secret, maxBodyBytes })({
        headers,
        readBody,
        context: {},
        previous: { body },
      })
    expect(await again(body.length)).toHaveProperty('webhook.payload', { n: 1 })
    expect(await again(body.length - 1)).toMatchObject({ error: { code: 'body_too_large' } })
    expect(readBody).not.toHaveBeenCalled()
  })
  test('text that may differ from the bytes that arrived is body_unavailable, not a forgery', async () => {
    const { headers } = await signedRequest({ secret, body: Uint8Array.of(0xf0, 0x9f, 0x98) })
    const replaced = { ...headers, 'content-length': '3' }
    const own = await signedRequest({ secret, body: '"\uFFFD"' })
    const readBody = () => readEventBody({ body: '\uFFFD' }, replaced, 100)
    const warn = jest.fn()
    const refused = await receive({ warn }, { ...own, headers: replaced }, readBody)
    expect(refused).toMatchObject({ status: 500, error: { code: 'body_unavailable' } })
    // Any sender can write this character.
    expect(warn).not.toHaveBeenCalled()
    const sent = { ...own.headers, 'content-length': '5' }
    const read = () => readEventBody({ body: '"\uFFFD"' }, sent, 100)
    expect(await receive({}, { ...own, headers: sent }, read)).toHaveProperty('webhook')
  })
  test('text that matches its signature keeps its own error, also with such a character', async () => {
    const own = await signedRequest({ secret, body: '\uFFFD' })
    const headers = { ...own.headers, 'content-length': '3' }
    const readBody = () => readEventBody({ body: '\uFFFD' }, headers, 100)
    expect(await receive({}, { ...own, headers }, readBody)).toMatchObject({
      error: { code: 'payload_invalid' },
    })
  })
  test('with idempotency, the webhook holds its claim, and the same delivery again is a duplicate', async () => {
    const events: VerdictEvent[] = []
    const onVerdict = (event: VerdictEvent) => events.push(event)
    const options = { idempotency: memoryStore(), onVerdict }
    const delivery = await signedRequest({ secret, payload: { n: 1 } })
    const first = await receive(options, delivery)
    const claim = { key: expect.any(String), token: expect.any(String) }
    expect(first).toMatchObject({ webhook: { payload: { n: 1 }, claim } })
    await Object(first).settle(204)
    const again = await receive(options, delivery)
    expect({ ...again }).toEqual({ status: 200, headers: {}, body: '', error: undefined })
    expect(events.map(({ outcome }) => outcome)).toEqual(['accepted', 'duplicate'])
  })
  test('without an endpoint, an id is unique within the root', async () => {
    const idempotency = memoryStore()
    const delivery = await signedRequest({ secret })
    const first = await receive({ idempotency }, delivery)
    const atRoot = createReceiver({ secret, idempotency })({
      headers: delivery.headers,
      readBody: () => delivery.body,
      context: {},
      endpoint: () => '/',
    })
    expect(first).toHaveProperty('webhook')
    expect(await atRoot).toMatchObject({ error: { code: 'delivery_in_progress' } })
    await Object(first).settle()
  })
  test.each(['gzip', 'br', 'GZIP', 'identity, gzip', 'x-unknown'])(
    'Content-Encoding %p is refused before the body is read',
    async (encoding) => {
      const { headers, ...rest } = await signedRequest({ secret })
      const encoded = { ...rest, headers: { ...headers, 'Content-Encoding': encoding } }
      const readBody = () => {
        throw new Error('was read')
      }
      expect(await receive({}, encoded, readBody)).toMatchObject({
        status: 415,
        error: { code: 'body_encoding_unsupported' },
      })
    },
  )
  test('Content-Encoding is found in headers that can be read only once', async () => {
    const { headers, body } = await signedRequest({ secret })
    const lines = Object.entries({ ...headers, 'content-encoding': 'gzip' })
    const refused = await receive({}, { headers: lines.values() as never, body })
    expect(refused).toMatchObject({ error: { code: 'body_encoding_unsupported' } })
  })
  test.each(['identity', ' Identity ', ''])('Content-Encoding %p is none', async (encoding) => {
    const { headers, ...rest } = await signedRequest({ secret })
    const encoded = { ...rest, headers: { ...headers, 'content-encoding': encoding } }
    expect(await receive({}, encoded)).toHaveProperty('webhook')
  })
  test('an error that is not a WebhookError is thrown unchanged, and is not reported', async () => {
    const boom = new Error('boom')
    const events: VerdictEvent[] = []
    const readBody = () => {
      throw boom
    }
    const options = { onVerdict: (event: VerdictEvent) => events.push(event) }
    const outcome = receive(options, await signedRequest({ secret }), readBody)
    await expect(outcome).rejects.toBe(boom)
    expect(events).toEqual([])
  })
})

describe('onVerdict', () => {
  async function told(delivery: SignedRequest, options: Partial<ReceiverOptions> = {}) {
    const events: VerdictEvent[] = []
    await receive({ onVerdict: (event) => void events.push(event), ...options }, delivery)
    expect(events).toHaveLength(1)
    return events[0]
  }
  test('an accepted delivery: id, keyId and age', async () => {
    const now = Date.UTC(2026, 0, 1)
    const delivery = await signedRequest({ secret, id: 'msg_1', timestamp: now / 1000 - 7 })
    expect(await told(delivery, { now: () => now })).toMatchObject({
      outcome: 'accepted',
      id: 'msg_1',
      age: 7,
      keyId: expect.stringMatching(/^\S+$/),
    })
  })
  test('a refused delivery: the code and the reason', async () => {
    const forged = await signedRequest({ secret: generateSecret(), id: 'msg_1' })
    const event = await told(forged)
    expect(event).toMatchObject({ outcome: 'refused', id: 'msg_1', code: 'signature_mismatch' })
    expect(event?.detail).toMatch(/signature/)
  })
  test('never the secret, the signature or the body', async () => {
    const body = '{"card":"4242424242424242"'
    const delivery = await signedRequest({ secret, body })
    const shown = JSON.stringify([
      await told(delivery),
      await told(await signedRequest({ secret: generateSecret(), body })),
    ])
    const signature = delivery.headers['webhook-signature'].slice(3)
    for (const text of [secret.slice(3), signature, '4242']) expect(shown).not.toContain(text)
  })
})

describe('options', () => {
  const wrong: readonly object[] = [
    { maxBodyBytes: -1 },
    { maxBodyBytes: Number.NaN },
    { maxBodyBytes: Number.POSITIVE_INFINITY },
    { maxBodyBytes: '1mb' },
    { maxBodyBytes: null },
    { onReject: 'log' },
    { onSettled: 'log' },
    { onVerdict: 'log' },
    { onVerdicts: () => {} },
    { limit: '1mb' },
    { tolerance: -1 },
    { toString: () => '' },
  ]
  test.each(wrong)('%p is a TypeError that names it', (option) => {
    const create = () => createReceiver({ secret, ...option } as unknown as ReceiverOptions)
    expect(create).toThrow(TypeError)
    expect(create).toThrow(Object.keys(option)[0])
  })
  test('options of the adapter are checked with the others', () => {
    const create = (option: object) => () =>
      createReceiver({ secret, ...option } as ReceiverOptions, { onAnswer: callback() })
    expect(create({ onAnswer: () => {} })).not.toThrow()
    expect(create({ onAnswer: 'log' })).toThrow(/onAnswer/)
    expect(create({ onAnswers: () => {} })).toThrow(/unknown option onAnswers.*onAnswer/)
  })
  test('undefined is the default', () => {
    const options = { maxBodyBytes: undefined, onReject: undefined, onVerdict: undefined }
    expect(createReceiver({ secret, ...options })).toBeInstanceOf(Function)
  })
  test('a secret is needed', () => {
    expect(() => createReceiver({} as ReceiverOptions)).toThrow(TypeError)
    expect(() => createReceiver(undefined as unknown as ReceiverOptions)).toThrow(TypeError)
  })
})

describe('a polluted Object.prototype', () => {
  const prototype: { webhook?: unknown } = Object.prototype

  afterEach(() => {
    delete prototype.webhook
  })

  test('never turns a refusal into an accepted delivery', async () => {
    const forged = await signedRequest({ secret: generateSecret() })
    prototype.webhook = { payload: 'forged' }
    const outcome = await receive({}, forged)
    expect('webhook' in outcome).toBe(false)
    expect(Object(outcome).webhook).toBeUndefined()
    expect(outcome).toMatchObject({ status: 401, error: { code: 'signature_mismatch' } })
  })

  test('never runs the handler for a forged delivery', async () => {
    const forged = (await signedRequest({ secret: generateSecret() })).toRequest()
    const handler = jest.fn(() => undefined)
    prototype.webhook = { payload: 'forged' }
    expect((await webhookHandler({ secret }, handler)(forged)).status).toBe(401)
    expect(handler).not.toHaveBeenCalled()
  })

  test('never runs the handler for a delivery that is done', async () => {
    const handle = webhookHandler({ secret, idempotency: memoryStore() }, () => {})
    const signed = await signedRequest({ secret })
    expect((await handle(signed.toRequest())).status).toBe(204)
    prototype.webhook = {}
    expect((await handle(signed.toRequest())).status).toBe(200)
  })
})
