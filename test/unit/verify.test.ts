import crypto from 'node:crypto'
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { isWebhookError, WebhookError } from '../../src/base/errors.js'
import { keyIdOf } from '../../src/delivery/key-id.js'
import type {
  HeadersInput,
  VerdictEvent,
  VerifierOptions,
  WebhookBody,
} from '../../src/delivery/types.js'
import { createVerifier } from '../../src/verify.js'
import { expectLinear } from '../support/growth.js'
import {
  handSigned,
  KEY,
  now,
  OTHER_KEY,
  SECRET,
  SIGNED_AT,
  signByHand,
} from '../support/signing.js'

const verify = createVerifier({ secret: SECRET, now })

async function codeOf(body: unknown, headers: unknown, options = {}): Promise<string> {
  const verify = createVerifier({ secret: SECRET, now, ...options })
  const verdict = await verify.check(body as WebhookBody, headers as HeadersInput)
  return verdict.ok ? 'accepted' : verdict.error.code
}

afterEach(() => {
  jest.restoreAllMocks()
})

/** Counts the calls of WebCrypto's own method while `work` runs; a spy cannot be taken off that object again. */
async function countWebCalls(name: 'sign' | 'importKey', work: () => unknown): Promise<number> {
  const { subtle } = globalThis.crypto
  const real: (...args: never[]) => unknown = subtle[name]
  let calls = 0
  const counting = (...args: never[]): unknown => {
    calls++
    return real.apply(subtle, args)
  }
  Object.defineProperty(subtle, name, { value: counting, configurable: true })
  try {
    await work()
  } finally {
    Reflect.deleteProperty(subtle, name)
  }
  return calls
}

/** HMACs on either backend. */
async function countMacs(work: () => unknown): Promise<number> {
  const whole = jest.spyOn(crypto, 'createHmac')
  const half = jest.spyOn(crypto, 'hash')
  const web = await countWebCalls('sign', work)
  return whole.mock.calls.length + half.mock.calls.length / 2 + web
}

describe('the result', () => {
  test('of an authentic delivery', async () => {
    const { body, headers } = handSigned({ body: Buffer.from('{"name":"Zoë"}') })
    const webhook = await verify(body, headers)
    expect(webhook).toEqual({
      id: 'msg_1',
      timestamp: new Date(SIGNED_AT * 1000),
      body: new Uint8Array(Buffer.from('{"name":"Zoë"}')),
      payload: { name: 'Zoë' },
      keyId: expect.stringMatching(/^\w{8}$/),
      scheme: 'v1',
    })
    expect(webhook.timestamp).toBeInstanceOf(Date)
    expect(await verify.check(body, headers)).toEqual({ ok: true, webhook })
  })

  test('of a forged one: the same error, thrown or as a value', async () => {
    const { headers } = handSigned()
    const verdict = await verify.check('{"a":2}', headers)
    expect(verdict).toMatchObject({ ok: false, error: { code: 'signature_mismatch' } })
    const thrown = await verify('{"a":2}', headers).catch((error) => error)
    expect(isWebhookError(thrown) && thrown.code).toBe('signature_mismatch')
  })

  test('a thrown error has the stack of the call', async () => {
    const error = await verify('', {}).catch((error) => error)
    expect(error.stack).toMatch(/\n +at /)
  })

  test('the function has a name', () => {
    expect(verify.name).toBe('verify')
  })

  test('no error holds the secret, the signature or the body', async () => {
    const { headers } = handSigned({ body: '{"card":"4111111111111111"}', key: OTHER_KEY })
    const verdict = await verify.check('{"card":"4111111111111111"}', headers)
    const error = verdict.ok ? undefined : verdict.error
    expect(error).toBeDefined()
    const printed = `${error?.stack} ${JSON.stringify(error)} ${String(error?.cause)}`
    expect(printed).not.toContain('4111')
    expect(printed).not.toContain(KEY.toString('base64'))
    expect(printed).not.toContain(headers['webhook-signature'])
  })

  test('the key that verified is named', async () => {
    const both = createVerifier({ secret: [SECRET, OTHER_KEY], now })
    const [first, second] = [handSigned(), handSigned({ key: OTHER_KEY })]
    const one = await both(first.body, first.headers)
    const other = await both(second.body, second.headers)
    expect(one.keyId).not.toBe(other.keyId)
    expect(one.keyId).toBe((await verify(first.body, first.headers)).keyId)
  })
})

describe('error.delivery', () => {
  test.each([
    ['forged', handSigned({ key: OTHER_KEY })],
    ['stale', handSigned({ timestamp: 1 })],
    ['without headers', { body: '{}', headers: {} }],
    ['as bytes', handSigned({ body: Buffer.of(0xff), key: OTHER_KEY })],
  ])('is what was refused, thrown or as a value: %s', async (_which, { body, headers }) => {
    const thrown: unknown = await verify(body, headers).catch((error) => error)
    const verdict = await verify.check(body, headers)
    for (const error of [thrown, verdict.ok ? undefined : verdict.error]) {
      if (!isWebhookError(error)) throw new Error('not refused')
      expect(error.delivery.headers).toBe(headers)
      expect(error.delivery.body).toBe(body)
    }
  })
})

describe('the clock', () => {
  const { body, headers } = handSigned()
  test.each<[string, () => number | Date, string]>([
    ['milliseconds', () => SIGNED_AT * 1000, 'accepted'],
    ['a Date', () => new Date(SIGNED_AT * 1000), 'accepted'],
    ['seconds, by mistake', () => SIGNED_AT, 'timestamp_too_new'],
    ['exactly the tolerance later', () => (SIGNED_AT + 300) * 1000, 'accepted'],
    ['exactly the tolerance earlier', () => (SIGNED_AT - 300) * 1000, 'accepted'],
    ['a millisecond more', () => (SIGNED_AT + 300) * 1000 + 1, 'timestamp_too_old'],
    ['a millisecond less', () => (SIGNED_AT - 300) * 1000 - 1, 'timestamp_too_new'],
  ])('%s', async (_, now, code) => {
    expect(await codeOf(body, headers, { now })).toBe(code)
  })

  test.each([NaN, Infinity, -Infinity, new Date(NaN), undefined])(
    'that returns %p has every delivery refused',
    async (time) => {
      expect(await codeOf(body, headers, { now: () => time })).toMatch(/^timestamp_too_/)
    },
  )

  test('is the real one by default', async () => {
    const fresh = handSigned({ timestamp: Math.floor(Date.now() / 1000) })
    expect((await createVerifier({ secret: SECRET }).check(fresh.body, fresh.headers)).ok).toBe(
      true,
    )
    expect((await createVerifier({ secret: SECRET }).check(body, headers)).ok).toBe(false)
  })

  test('is looked up when it is needed, so that fake timers hold', async () => {
    const verify = createVerifier({ secret: SECRET })
    jest.useFakeTimers({ now: SIGNED_AT * 1000, doNotFake: ['nextTick', 'setImmediate'] })
    try {
      expect((await verify.check(body, headers)).ok).toBe(true)
    } finally {
      jest.useRealTimers()
    }
  })

  test('is read once for each delivery', async () => {
    const clock = jest.fn(now)
    await codeOf(body, headers, { now: clock })
    expect(clock).toHaveBeenCalledTimes(1)
  })
})

describe('order: cheap checks before expensive ones', () => {
  const { body, headers } = handSigned()
  const old = { 'webhook-timestamp': '1' }
  test.each<[string, unknown, object, string]>([
    ['a parsed body before headers', {}, {}, 'body_unavailable'],
    ['headers before time', body, { ...headers, ...old, 'webhook-id': '' }, 'header_malformed'],
    ['time before the signature', body, { ...headers, ...old }, 'timestamp_too_old'],
    ['the signature before the payload', '{', headers, 'signature_mismatch'],
  ])('%s', async (_, body, headers, code) => {
    expect(await codeOf(body, headers)).toBe(code)
  })

  test('no MAC is computed, no key imported and no secret fetched if a cheap rule refuses', async () => {
    const seventeen = Array(17).fill(signByHand()).join(' ')
    const secret = jest.fn(() => SECRET)
    const verify = createVerifier({ secret, now })
    const refuseAll = async (): Promise<void> => {
      for (const hostile of [
        {},
        { ...headers, 'webhook-id': 'a.1700000000.b' },
        { ...headers, 'webhook-timestamp': '1' },
        { ...headers, 'webhook-timestamp': '1800000000' },
        { ...headers, 'webhook-signature': 'v1,abc v2,abc' },
        { ...headers, 'webhook-signature': seventeen },
      ]) {
        expect((await verify.check(body, hostile)).ok).toBe(false)
      }
    }
    expect(await countMacs(refuseAll)).toBe(0)
    expect(await countWebCalls('importKey', refuseAll)).toBe(0)
    expect(secret).not.toHaveBeenCalled()
    expect(await countMacs(() => verify.check(body, headers))).toBeGreaterThan(0)
  })
})

describe('one MAC per key, however many candidates', () => {
  const wrong = signByHand({ body: 'other' })
  test.each([
    ['1 key, 1 candidate', [SECRET], 1, 1],
    ['1 key, 16 candidates', [SECRET], 16, 1],
    ['2 keys, 16 candidates', [SECRET, OTHER_KEY], 16, 2],
  ])('%s', async (_, secret, count, expected) => {
    const verify = createVerifier({ secret, now })
    const { body, headers } = handSigned()
    const forged = { ...headers, 'webhook-signature': Array(count).fill(wrong).join(' ') }
    await verify.check(body, forged)
    expect(await countMacs(() => verify.check(body, forged))).toBe(expected)
  })
})

describe('onVerdict', () => {
  async function eventsOf(body: unknown, headers: unknown, options = {}): Promise<VerdictEvent[]> {
    const events: VerdictEvent[] = []
    const onVerdict = (event: VerdictEvent): unknown => events.push(event)
    await codeOf(body, headers, { onVerdict, ...options })
    return events
  }
  const { body, headers } = handSigned()

  test('is called once for an accepted delivery, with verify and with check', async () => {
    const later = () => (SIGNED_AT + 2) * 1000 + 500
    const accepted = {
      outcome: 'accepted',
      id: 'msg_1',
      age: 2.5,
      keyId: expect.stringMatching(/^\w{8}$/),
      bytes: 7,
      duration: expect.any(Number),
    }
    expect(await eventsOf(body, headers, { now: later })).toEqual([accepted])
    const onVerdict = jest.fn()
    await createVerifier({ secret: SECRET, now: later, onVerdict })(body, headers)
    expect(onVerdict.mock.calls).toEqual([[accepted]])
  })

  test.each<[string, unknown, object, object]>([
    ['header_missing', body, {}, {}],
    ['header_malformed', body, { ...headers, 'webhook-id': '' }, {}],
    ['body_unavailable', {}, headers, {}],
    [
      'timestamp_too_old',
      body,
      { ...headers, 'webhook-timestamp': '1699999000' },
      { id: 'msg_1', age: 1000 },
    ],
    [
      'timestamp_too_new',
      body,
      { ...headers, 'webhook-timestamp': '1700001000' },
      { id: 'msg_1', age: -1000 },
    ],
    ['signature_mismatch', 'other', headers, { id: 'msg_1', age: 0 }],
  ])('hears of a refusal: %s', async (code, body, headers, known) => {
    expect(await eventsOf(body, headers)).toMatchObject([
      { outcome: 'refused', code, detail: expect.any(String), ...known },
    ])
  })

  test.each([
    ['1699999000', /is 1000 s old and the tolerance is 300 s.*check the clocks/],
    ['1700001000', /is 1000 s ahead of this clock and the tolerance is 300 s.*check the clocks/],
  ])('says by how much a timestamp is off: %s', async (timestamp, words) => {
    const [event] = await eventsOf(body, { ...headers, 'webhook-timestamp': timestamp })
    expect(event?.detail).toMatch(words)
  })

  test('gets the reason if there was no secret', async () => {
    const cause = new Error('vault is down')
    const secret = (): never => {
      throw cause
    }
    expect(await eventsOf(body, headers, { secret })).toMatchObject([
      { code: 'secret_unavailable', cause },
    ])
  })

  test('never sees secret, signature or body', async () => {
    const marked = handSigned({ body: '{"marked":"zebra"', key: KEY })
    const events = [
      ...(await eventsOf(marked.body, marked.headers)),
      ...(await eventsOf(`${marked.body} `, marked.headers)),
      ...(await eventsOf(body, headers)),
    ]
    expect(events.map(({ code }) => code)).toEqual([
      'payload_invalid',
      'signature_mismatch',
      undefined,
    ])
    const shown = JSON.stringify(events.map((event) => ({ ...event, cause: String(event.cause) })))
    expect(shown).not.toContain('zebra')
    expect(shown).not.toContain(KEY.toString('base64'))
    for (const { headers } of [marked, handSigned()]) {
      expect(shown).not.toContain(headers['webhook-signature'].slice(3))
    }
  })

  test('that fails changes nothing', async () => {
    jest.spyOn(console, 'error').mockImplementation(() => undefined)
    const broken = [
      (): never => {
        throw new Error('broken')
      },
      () => Promise.reject(new Error('broken')),
    ]
    for (const onVerdict of broken) {
      expect(await codeOf(body, headers, { onVerdict })).toBe('accepted')
      expect(await codeOf('other', headers, { onVerdict })).toBe('signature_mismatch')
    }
  })

  test('that is slow is not waited for', async () => {
    const onVerdict = (): Promise<never> => new Promise(() => undefined)
    expect(await codeOf(body, headers, { onVerdict })).toBe('accepted')
  })
})

describe('many at once', () => {
  test('each delivery gets its own verdict', async () => {
    const deliveries = Array.from({ length: 50 }, (_, index) => ({
      ...handSigned({ id: `msg_${index}`, body: `{"n":${index}}` }),
      index,
    }))
    const verdicts = await Promise.all(
      deliveries.map(({ body, headers, index }) =>
        verify.check(index % 2 ? body : '{"n":-1}', headers),
      ),
    )
    for (const [index, verdict] of verdicts.entries()) {
      expect(verdict.ok).toBe(index % 2 === 1)
      if (verdict.ok)
        expect(verdict.webhook).toMatchObject({ id: `msg_${index}`, payload: { n: index } })
    }
  })
})

describe('a source of one’s own', () => {
  const { body, headers } = handSigned({ key: Buffer.from('asdf1234', 'base64') })
  const keys = ['wh_asdf1234']
  const sources = {
    'from the start': { read: () => ({ keys }), reread: () => ({ keys, current: true }) },
    'on a second look': { read: () => ({ keys: [] }), reread: () => ({ keys, current: true }) },
  }
  test.each(Object.entries(sources))(
    'keys as text %s keep to minSecretBytes',
    async (_, source) => {
      expect(await codeOf(body, headers, { secret: source })).toBe('secret_unavailable')
      expect(await codeOf(body, headers, { secret: source, minSecretBytes: 6 })).toBe('accepted')
    },
  )
})

describe('a forgery, if minSecretBytes allows short keys', () => {
  const keys = ['wh_asdf1234']
  test('is a mismatch like any other, and names the keys that were tried', async () => {
    const events: VerdictEvent[] = []
    const { body, headers } = handSigned({ key: OTHER_KEY })
    const options = {
      secret: { read: () => ({ keys }), reread: () => ({ keys, current: true }) },
      minSecretBytes: 6,
      onVerdict: (event: VerdictEvent): unknown => events.push(event),
    }
    expect(await codeOf(body, headers, options)).toBe('signature_mismatch')
    expect(events).toMatchObject([{ expectedKeyIds: [await keyIdOf('wh_asdf1234')] }])
  })
})

describe('a buffer that changes while the delivery is verified', () => {
  const { body, headers } = handSigned({ body: '{"amount":1}' })
  const text = Buffer.from(body)
  const room = () => new Uint8Array(text.length)
  const shared = () => new Uint8Array(new SharedArrayBuffer(text.length))
  test.each<[string, () => { bytes: Uint8Array; handed: unknown }]>([
    ['a Buffer', () => both(Buffer.from(room()))],
    ['a view', () => both(room())],
    ['an ArrayBuffer', () => handing(room(), (bytes) => bytes.buffer)],
    ['a DataView', () => handing(room(), (bytes) => new DataView(bytes.buffer))],
    ['shared memory', () => handing(shared(), (bytes) => bytes.buffer)],
    ['a view on shared memory', () => both(shared())],
  ])('%s: what is parsed and handed out is what was verified', async (_name, make) => {
    const { bytes, handed } = make()
    bytes.set(text)
    const verifying = createVerifier({
      secret: async () => {
        bytes.fill(0x20)
        return SECRET
      },
      now,
    })(handed as WebhookBody, headers)
    bytes.set(Buffer.from('{"amount":9}'))
    const webhook = await verifying
    expect(webhook.payload).toEqual({ amount: 1 })
    expect(Buffer.from(webhook.body).toString()).toBe('{"amount":1}')
    expect(webhook.body.buffer).toBeInstanceOf(ArrayBuffer)
  })
  function both(bytes: Uint8Array): { bytes: Uint8Array; handed: unknown } {
    return { bytes, handed: bytes }
  }
  function handing(bytes: Uint8Array, form: (bytes: Uint8Array) => unknown) {
    return { bytes, handed: form(bytes) }
  }
})

describe('check', () => {
  test('says the same if Object.prototype is polluted', async () => {
    const { body, headers } = handSigned()
    const prototype: { ok?: unknown } = Object.prototype
    try {
      prototype.ok = true
      expect(Object.entries(await verify.check(body, headers))[0]).toEqual(['ok', true])
      expect(Object.entries(await verify.check('{}', headers))[0]).toEqual(['ok', false])
    } finally {
      delete prototype.ok
    }
  })

  test('returns a WebhookError of the secret function as the verdict', async () => {
    const secret = (): never => {
      throw new WebhookError('header_malformed', 'no such tenant')
    }
    const { body, headers } = handSigned()
    expect(await codeOf(body, headers, { secret })).toBe('header_malformed')
  })

  test('throws for a mistake of the caller', async () => {
    const options: VerifierOptions = {
      secret: SECRET,
      now: () => {
        throw new RangeError('no clock')
      },
    }
    const { body, headers } = handSigned()
    await expect(createVerifier(options).check(body, headers)).rejects.toThrow('no clock')
  })
})

describe('linear or fail', () => {
  const { headers } = handSigned()
  test.each<[string, (size: number) => [WebhookBody, HeadersInput]]>([
    ['a long body', (size) => ['x'.repeat(size), headers]],
    [
      'many signatures',
      (size) => ['', { ...headers, 'webhook-signature': `${signByHand()} `.repeat(size) }],
    ],
    [
      'many signature lines',
      (size) => ['', { ...headers, 'webhook-signature': Array(size).fill(signByHand()) }],
    ],
    ['a long id', (size) => ['', { ...headers, 'webhook-id': '.1'.repeat(size) }]],
    ['a long timestamp', (size) => ['', { ...headers, 'webhook-timestamp': '1'.repeat(size) }]],
  ])('%s', async (_, make) => {
    await expectLinear((size) => verify.check(...make(size)), 500)
  })
})
