import { inspect } from 'node:util'
import { describe, expect, jest, test } from '@jest/globals'
import { Webhook, WebhookVerificationError } from 'countersign/compat'
import { generateKeyPair } from 'countersign/sign'
import fc from 'fast-check'
import * as original from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { importMacKey } from '#crypto'

const SECRET = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const PAYLOAD = '{"test": 2432232314}'
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek'

const synchronous = !('then' in importMacKey(new Uint8Array(32)))
// With WebCrypto alone there is no such class to test: the one test below says so.
const onNode = synchronous ? describe : () => {}
const create = (secret: string | Uint8Array = SECRET): Webhook => new Webhook(secret)

if (!synchronous) {
  test('a runtime with WebCrypto only is refused at creation', () => {
    expect(create).toThrow('createVerifier')
  })
}

/** Signed by the original, never by the code under test. */
function delivery(prefix = 'webhook', at = Date.now(), payload = PAYLOAD): Record<string, string> {
  return {
    [`${prefix}-id`]: ID,
    [`${prefix}-timestamp`]: String(Math.floor(at / 1000)),
    [`${prefix}-signature`]: new original.Webhook(SECRET).sign(ID, new Date(at), payload),
  }
}

function outcome(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`
  }
  return 'accepted'
}

onNode('what a caller may rely on besides', () => {
  test('options are own properties', () => {
    const inherited = Object.create({ format: 'raw' })
    expect(new Webhook(SECRET, inherited).verify(PAYLOAD, delivery())).toBeDefined()
  })

  test('a public key is no secret', async () => {
    const { publicKey } = await generateKeyPair()
    expect(() => create(publicKey)).toThrow('incorrect characters')
  })

  test('a secret of white space is empty', () => {
    expect(() => create('  ')).toThrow("Secret can't be empty.")
  })

  test('headers may be anything with get(name)', () => {
    const headers = delivery()
    class Given {
      get(name: string): string | null {
        return headers[name.toLowerCase()] ?? null
      }
    }
    expect(create().verify(PAYLOAD, new Given())).toEqual({ test: 2432232314 })
  })
})

onNode('what the published suites ask for', () => {
  describe.each(['webhook', 'svix'])('%s-* headers', (prefix) => {
    test('a signed delivery gives its parsed payload', () => {
      expect(create().verify(PAYLOAD, delivery(prefix))).toEqual({ test: 2432232314 })
    })

    test.each(['id', 'timestamp', 'signature'])('without %s', (name) => {
      const headers = delivery(prefix)
      const verify = (): unknown => create().verify(PAYLOAD, headers)
      delete headers[`${prefix}-${name}`]
      expect(verify).toThrow(WebhookVerificationError)
      expect(verify).toThrow(new Error('Missing required headers'))
      headers[`${prefix}-${name}`] = ''
      expect(verify).toThrow(new Error('Missing required headers'))
    })

    test.each([
      ['hello', 'Invalid Signature Headers'],
      ['1', 'Message timestamp too old'],
      ['99999999999', 'Message timestamp too new'],
    ])('timestamp %s: %s', (timestamp, message) => {
      const headers = { ...delivery(prefix), [`${prefix}-timestamp`]: timestamp }
      expect(outcome(() => create().verify(PAYLOAD, headers))).toBe(
        `WebhookVerificationError: ${message}`,
      )
    })

    test('300 seconds either way pass, 301 do not, whatever the fraction of a second', () => {
      jest.useFakeTimers({ now: 1_700_000_000_900 })
      try {
        const at = (seconds: number): string =>
          outcome(() =>
            create().verify(PAYLOAD, delivery(prefix, (1_700_000_000 + seconds) * 1000)),
          )
        expect([at(-300), at(300)]).toEqual(['accepted', 'accepted'])
        expect(at(-301)).toContain('Message timestamp too old')
        expect(at(301)).toContain('Message timestamp too new')
      } finally {
        jest.useRealTimers()
      }
    })

    test.each(['v1,dawfeoifkpqwoekfpqoekf', 'v1,Ceo5qEr0', 'v1,', 'v1', 'v2,', ' '])(
      'signature %p does not match',
      (signature) => {
        const headers = { ...delivery(prefix), [`${prefix}-signature`]: signature }
        expect(outcome(() => create().verify(PAYLOAD, headers))).toBe(
          'WebhookVerificationError: No matching signature found',
        )
      },
    )

    test('one right signature among several is enough', () => {
      const wrong = 'Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc='
      const headers = delivery(prefix)
      const right = headers[`${prefix}-signature`]
      headers[`${prefix}-signature`] = `v1,${wrong} v2,${wrong} ${right} v1,${wrong}`
      expect(create().verify(PAYLOAD, headers)).toEqual({ test: 2432232314 })
    })
  })

  test('the known vector', () => {
    expect(create(`whsec_${SECRET}`).sign(ID, new Date(1614265330_000), PAYLOAD)).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    )
  })

  test.each([SECRET, `whsec_${SECRET}`, `wh_${SECRET}`, `v1,whsec_${SECRET}`, ` ${SECRET}\n`])(
    'secret form %#',
    (secret) => {
      expect(create(secret).verify(PAYLOAD, delivery())).toEqual({ test: 2432232314 })
    },
  )

  test.each(['', 'whsec_', 'wh_', undefined, null, new Uint8Array(0)])(
    'an empty secret is refused: %p',
    (secret) => {
      expect(() => new Webhook(secret as string)).toThrow("Secret can't be empty.")
    },
  )

  test.each(['', undefined, null, new Uint8Array(0)])(
    'an empty raw secret is refused: %p',
    (secret) => {
      expect(() => new Webhook(secret as string, { format: 'raw' })).toThrow(
        "Secret can't be empty.",
      )
    },
  )
})

onNode('the same as the originals', () => {
  test('messages about secrets', () => {
    for (const secret of ['whsec_!!!!!', 'a', 'ab', 'abc===', 'päss', 'whsec_a.b.', 'whpk_AAAA']) {
      expect([secret, outcome(() => create(secret))]).toEqual([
        secret,
        outcome(() => new original.Webhook(secret)),
      ])
    }
  })

  test('keys: every secret that works there signs the same here', () => {
    const secret = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'abcXYZ019+/'), minLength: 4 }),
      fc.base64String({ minLength: 4 }),
    )
    const date = fc.date({ min: new Date(0), noInvalidDate: true })
    fc.assert(
      fc.property(secret, fc.string(), date, (secret, payload, date) => {
        expect(create(secret).sign(ID, date, payload)).toBe(
          new original.Webhook(secret).sign(ID, date, payload),
        )
      }),
    )
  })

  test('raw keys, as text and as bytes', () => {
    const key = fc.oneof(fc.string({ minLength: 1 }), fc.uint8Array({ minLength: 1 }))
    fc.assert(
      fc.property(key, (key) => {
        expect(new Webhook(key, { format: 'raw' }).sign(ID, new Date(0), PAYLOAD)).toBe(
          new original.Webhook(key, { format: 'raw' }).sign(ID, new Date(0), PAYLOAD),
        )
      }),
    )
  })

  test('what is refused there is refused here, with the same message', () => {
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom('', ID, 'v1,', 'v1,a v1,b', '1', '-1', 'NaN', '99999999999'),
    )
    const headers = fc.record({
      'svix-id': value,
      'svix-timestamp': value,
      'svix-signature': value,
    })
    fc.assert(
      fc.property(headers, (headers) => {
        const here = outcome(() => create().verify(PAYLOAD, headers))
        const there = outcome(() => new SvixWebhook(SECRET).verify(PAYLOAD, headers))
        // An id or a timestamp that only the stricter rules refuse has this message.
        expect([there, 'WebhookVerificationError: Invalid Signature Headers']).toContain(here)
      }),
    )
  })

  test('a parsed payload', () => {
    const error = new Error('Expected payload to be of type string or Buffer.')
    const parsed = JSON.parse(PAYLOAD)
    expect(() => create().verify(parsed, delivery())).toThrow(error)
    expect(() => create().sign(ID, new Date(), parsed)).toThrow(error)
  })

  test('payloads that are empty, not JSON, or not to be parsed', () => {
    const at = Date.now()
    expect(create().verify('', delivery('webhook', at, ''))).toBeUndefined()
    expect(create().verify(PAYLOAD, delivery(), { jsonParse: false })).toBeUndefined()
    expect(() => create().verify('no', delivery('webhook', at, 'no'))).toThrow(SyntaxError)
  })

  test('names', () => {
    const error = new WebhookVerificationError('x')
    expect(error).toBeInstanceOf(Error)
    expect([error.name, error.message]).toEqual(['WebhookVerificationError', 'x'])
    expect(Webhook.prefix).toBe('whsec_')
  })
})

onNode('differences: it is stricter or accepts more', () => {
  test('Headers, Map, pairs, arrays of lines, numbers', () => {
    const record = delivery()
    const forms = [
      new Headers(record),
      new Map(Object.entries(record)),
      Object.entries(record) as [string, string][],
      { ...record, 'webhook-signature': ['v2,x', record['webhook-signature'] ?? ''] },
      { ...record, 'webhook-timestamp': Number(record['webhook-timestamp']) } as never,
    ]
    for (const headers of forms) {
      expect(create().verify(PAYLOAD, headers)).toEqual({ test: 2432232314 })
    }
    expect(() => create().verify(PAYLOAD, undefined as never)).toThrow('Missing required headers')
  })

  test('bytes are verified as they are, not as the text they decode to', () => {
    const invalid = Uint8Array.of(0x22, 0xff, 0x22)
    const headers = delivery('webhook', Date.now(), '"\ufffd"')
    expect(create().verify(Buffer.from('"\ufffd"'), headers)).toBe('\ufffd')
    expect(() => create().verify(invalid, headers)).toThrow('No matching signature found')
    const signature = create().sign(ID, new Date(), invalid)
    const signed = { ...delivery(), 'webhook-signature': signature }
    expect(() => create().verify(invalid, signed)).toThrow(SyntaxError)
    expect(create().verify(new Uint8Array(Buffer.from(PAYLOAD)), delivery())).toBeTruthy()
  })

  test('the signed bytes are parsed, also if the body is text', () => {
    const halves = '"\ud800"'
    const headers = delivery('webhook', Date.now(), halves)
    expect(create().verify(halves, headers)).toBe('\ufffd')
    expect(new original.Webhook(SECRET).verify(halves, headers)).toBe('\ud800')
  })

  test('a byte order mark is passed over, in bytes and in text', () => {
    const marked = '\ufeff{"a":1}'
    const headers = delivery('webhook', Date.now(), marked)
    for (const payload of [marked, Buffer.from(marked)]) {
      expect(create().verify(payload, headers)).toEqual({ a: 1 })
      expect(() => new original.Webhook(SECRET).verify(payload, headers)).toThrow(SyntaxError)
    }
  })

  test('one character that is not base64 behind the secret', () => {
    const odd = `${SECRET};`
    expect(new original.Webhook(odd).sign(ID, new Date(0), '')).toBeTruthy()
    expect(() => create(odd)).toThrow('Base64Coder: incorrect characters for decoding')
  })

  test.each([
    ['text behind the signature', (signature = '') => `${signature},x`],
    ['seventeen signatures', (signature = '') => `${'v1,x '.repeat(16)}${signature}`],
  ])('%s', (_, change) => {
    const headers = delivery()
    headers['webhook-signature'] = change(headers['webhook-signature'])
    expect(new original.Webhook(SECRET).verify(PAYLOAD, headers)).toBeTruthy()
    expect(() => create().verify(PAYLOAD, headers)).toThrow('No matching signature found')
  })

  test('one signed text cut in two ways', () => {
    const at = new Date()
    const seconds = String(Math.floor(at.getTime() / 1000))
    const id = `${ID}.${seconds}`
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': seconds,
      'webhook-signature': new original.Webhook(SECRET).sign(ID, at, `${seconds}.{}`),
    }
    expect(new original.Webhook(SECRET).verify('{}', headers)).toEqual({})
    expect(() => create().verify('{}', headers)).toThrow('Invalid Signature Headers')
    expect(() => create().sign(id, at, '{}')).toThrow('timestamp')
  })

  test.each([' 1', '1.5', '+1', '01', '1e3'])('a timestamp written otherwise: %p', (text) => {
    const headers = { ...delivery(), 'webhook-timestamp': text }
    expect(() => create().verify(PAYLOAD, headers)).toThrow('Invalid Signature Headers')
  })

  test.each([Number.NaN, -1])('a date that is none is not signed: %p', (time) => {
    expect(() => create().sign(ID, new Date(time), PAYLOAD)).toThrow('Date')
  })

  test('the key does not show', () => {
    const shown = inspect(create(), { showHidden: true, depth: 9 }) + JSON.stringify(create())
    expect(shown).not.toContain(SECRET)
    expect(shown).not.toMatch(/Uint8Array|KeyObject/)
  })
})
