import { createPrivateKey, createPublicKey, verify as verifyByHand } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { parseSecret } from '../../src/delivery/secrets.js'
import {
  createSigner,
  type GenerateSecretOptions,
  generateKeyPair,
  generateSecret,
  type SignerOptions,
} from '../../src/sign.js'
import { createVerifier } from '../../src/verify.js'
import { KEY, now, OTHER_KEY, SECRET, SIGNED_AT, signByHand } from '../support/signing.js'

const sign = createSigner({ secret: SECRET, now })
const BODY = '{"a":1}'

describe('createSigner', () => {
  test('signs as the standard says', async () => {
    expect(await sign(BODY, { id: 'msg_1' })).toEqual({
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(SIGNED_AT),
      'webhook-signature': signByHand({ body: BODY }),
    })
  })

  test('agrees with standardwebhooks for any id, time and body', async () => {
    const oracle = new Webhook(KEY, { format: 'raw' })
    const id = fc.string({ unit: fc.constantFrom(...'abcXYZ019_-'), minLength: 1, maxLength: 40 })
    const seconds = fc.integer({ min: 0, max: 4_000_000_000 })
    await fc.assert(
      fc.asyncProperty(
        id,
        seconds,
        fc.string({ unit: 'grapheme' }),
        async (id, timestamp, body) => {
          const headers = await sign(body, { id, timestamp })
          expect(headers['webhook-signature']).toBe(
            oracle.sign(id, new Date(timestamp * 1000), body),
          )
        },
      ),
    )
  })

  test('a delivery that it signs verifies', async () => {
    const verify = createVerifier({ secret: SECRET, now })
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const body = Buffer.from(JSON.stringify(value))
        const { payload } = await verify(body, await sign(body))
        expect(payload).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  test('signs the bytes of every kind of body', async () => {
    const bytes = new TextEncoder().encode(BODY)
    for (const body of [BODY, bytes, Buffer.from(BODY), bytes.slice().buffer]) {
      const headers = await sign(body, { id: 'msg_1' })
      expect(headers['webhook-signature']).toBe(signByHand({ body: BODY }))
    }
    await expect(sign({ a: 1 } as unknown as string)).rejects.toMatchObject({
      code: 'body_unavailable',
    })
  })

  test('several secrets: one signature by each, in one list', async () => {
    const both = createSigner({ secret: [SECRET, OTHER_KEY], now })
    const headers = await both(BODY, { id: 'msg_1' })
    expect(headers['webhook-signature'].split(' ')).toEqual([
      signByHand({ body: BODY }),
      signByHand({ body: BODY, key: OTHER_KEY }),
    ])
    for (const secret of [SECRET, OTHER_KEY]) {
      expect((await createVerifier({ secret, now }).check(BODY, headers)).ok).toBe(true)
    }
  })

  test('a list of secrets that changes later does not change the signer', async () => {
    const secret = [SECRET]
    const sign = createSigner({ secret, now })
    secret[0] = `wh_${OTHER_KEY.toString('base64')}`
    expect((await sign(BODY, { id: 'msg_1' }))['webhook-signature']).toBe(
      signByHand({ body: BODY }),
    )
  })

  test('a new id for every delivery, which every receiver takes', async () => {
    const ids = await Promise.all(
      Array.from({ length: 200 }, async () => (await sign(BODY))['webhook-id']),
    )
    expect(new Set(ids).size).toBe(200)
    for (const id of ids) expect(id).toMatch(/^msg_\w{24}$/)
  })

  test('the time is the clock, a Date or whole seconds', async () => {
    const timestampOf = async (timestamp?: Date | number): Promise<string> =>
      (await sign(BODY, { timestamp }))['webhook-timestamp']
    expect(await timestampOf()).toBe('1700000000')
    expect(await timestampOf(new Date(1_700_000_123_999))).toBe('1700000123')
    expect(await timestampOf(1_700_000_456)).toBe('1700000456')
    expect(await timestampOf(0)).toBe('0')
    const dated = createSigner({ secret: SECRET, now: () => new Date(now()) })
    expect((await dated(BODY))['webhook-timestamp']).toBe('1700000000')
  })

  test.each([
    1.5,
    -1,
    NaN,
    Infinity,
    SIGNED_AT * 1000,
    new Date(NaN),
    new Date(-1),
    null,
    '1700000000',
    1700000000n,
    {},
  ])('timestamp %p is a TypeError', async (timestamp) => {
    await expect(sign(BODY, { timestamp: timestamp as number })).rejects.toThrow(/timestamp must/)
  })

  test.each([null, 7, ['msg_1']])('id %p is a TypeError', async (id) => {
    await expect(sign(BODY, { id: id as unknown as string })).rejects.toThrow(TypeError)
  })

  test.each(['', 'a b', 'a\n', 'é', 'x'.repeat(257), 'a.1700000000', 'a.1700000000.b'])(
    'id %p is a TypeError: no receiver would take it',
    async (id) => {
      await expect(sign(BODY, { id })).rejects.toThrow(TypeError)
    },
  )

  test.each<[string, object]>([
    ['no secret', {}],
    ['no secrets', { secret: [] }],
    ['an empty one', { secret: '' }],
    ['a short one', { secret: 'wh_asdf1234' }],
    ['a public key', { secret: `whpk_${KEY.toString('base64')}` }],
    ['a private key that is none', { secret: `whsk_${Buffer.alloc(33).toString('base64')}` }],
    ['an empty private key', { secret: 'whsk_' }],
    ['an unknown option', { secret: SECRET, tolerance: 3 }],
    ['a clock that is none', { secret: SECRET, now: 1_700_000_000 }],
    ['a least length that is none', { secret: SECRET, minSecretBytes: NaN }],
  ])('%s is a TypeError', (_, options) => {
    expect(() => createSigner(options as SignerOptions)).toThrow(TypeError)
  })

  test.each<[string, () => unknown, string]>([
    ['an empty list', () => createSigner({ secret: [] }), 'must not be an empty list: give one'],
    [
      'a public key',
      () => createSigner({ secret: `whpk_${KEY.toString('base64')}` }),
      'use the whsk_ secret of the same pair',
    ],
    ['a cut private key', () => createSigner({ secret: 'whsk_AAAA' }), 'this is 3 bytes: copy it'],
    ['a garbled one', () => createSigner({ secret: 'whsk_!' }), 'this is not base64: copy it'],
    ['a short key', () => generateSecret({ bytes: 8 }), 'a whole number from 24 to 64, not 8'],
  ])('%s: the message says what was found and what to do', (_, create, message) => {
    expect(create).toThrow(message)
  })

  test.each<[unknown, string]>([
    [1_700_000_000_000, 'not 1700000000000'],
    [1.5, 'not 1.5'],
    [new Date('never'), 'not an invalid Date'],
    ['now', 'not a value of type string'],
    [null, 'not null'],
  ])('timestamp %p: the message says what was found', async (timestamp, message) => {
    const signed = createSigner({ secret: SECRET })(BODY, { timestamp } as never)
    await expect(signed).rejects.toThrow(
      `timestamp must be a valid Date or whole seconds since the epoch (not milliseconds), ${message}`,
    )
  })

  test('an unknown option of one signature', async () => {
    const sign = createSigner({ secret: SECRET })
    await expect(sign(BODY, { timestmp: 1 } as never)).rejects.toThrow(
      'unknown option timestmp; the options are: id, timestamp',
    )
    await expect(sign(BODY, 'msg_1' as never)).rejects.toThrow('options must be an object')
  })

  test('a shorter secret if the sender really has one', async () => {
    const sign = createSigner({ secret: 'wh_asdf1234', minSecretBytes: 6, now })
    const key = Buffer.from('asdf1234', 'base64')
    expect((await sign(BODY, { id: 'msg_1' }))['webhook-signature']).toBe(
      signByHand({ body: BODY, key }),
    )
  })
})

describe('v1a', () => {
  const seed = Buffer.alloc(32, 5)
  const privateKey = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  })
  const x = createPublicKey(privateKey).export({ format: 'jwk' }).x ?? ''
  const publicBytes = Buffer.from(x, 'base64url')

  test.each([
    ['the seed and the public key', Buffer.concat([seed, publicBytes])],
    ['the seed alone', seed],
  ])('a whsk_ secret of %s', async (_, bytes) => {
    const sign = createSigner({ secret: `whsk_${bytes.toString('base64')}`, now })
    const headers = await sign(BODY, { id: 'msg_1' })
    const [version, signature = ''] = headers['webhook-signature'].split(',')
    const content = Buffer.from(`msg_1.1700000000.${BODY}`)
    expect(version).toBe('v1a')
    expect(verifyByHand(null, content, privateKey, Buffer.from(signature, 'base64'))).toBe(true)
    const secret = `whpk_${publicBytes.toString('base64')}`
    const webhook = await createVerifier({ secret, now })(BODY, headers)
    expect(webhook.scheme).toBe('v1a')
  })

  test('beside a v1: each receiver takes the one it has the key for', async () => {
    const headers = await createSigner({
      secret: [SECRET, `whsk_${seed.toString('base64')}`],
      now,
    })(BODY)
    const receivers = [SECRET, `whpk_${publicBytes.toString('base64')}`]
    for (const [index, secret] of receivers.entries()) {
      const webhook = await createVerifier({ secret, now })(BODY, headers)
      expect(webhook.scheme).toBe(['v1', 'v1a'][index])
    }
  })

  test('generateKeyPair makes a pair that fits, another one every time', async () => {
    const [one, other] = [await generateKeyPair(), await generateKeyPair()]
    expect(one.secret).toMatch(/^whsk_/)
    expect(one.publicKey).toMatch(/^whpk_/)
    expect(one.secret).not.toBe(other.secret)
    const headers = await createSigner({ secret: one.secret, now })(BODY)
    const check = async (secret: string): Promise<boolean> =>
      (await createVerifier({ secret, now }).check(BODY, headers)).ok
    expect(await check(one.publicKey)).toBe(true)
    expect(await check(other.publicKey)).toBe(false)
  })
})

describe('generateSecret', () => {
  test('is a secret like an account issues', () => {
    const secret = generateSecret()
    expect(secret).toMatch(/^wh_[A-Za-z0-9+/]{43}=$/)
    expect(parseSecret(secret).bytes).toHaveLength(32)
    expect(generateSecret()).not.toBe(secret)
  })
  test.each([24, 32, 64])('of %i bytes', (bytes) => {
    expect(parseSecret(generateSecret({ bytes })).bytes).toHaveLength(bytes)
  })
  test('with the prefix asked for', () => {
    expect(generateSecret({ prefix: 'whsec_' })).toMatch(/^whsec_/)
  })
  test.each([
    { bytes: 23 },
    { bytes: 65 },
    { bytes: 32.5 },
    { bytes: 0 },
    { bytes: NaN },
    { bytes: '32' },
    { prefix: 'whsk_' },
    { prefix: '' },
    { prefix: null },
    { length: 32 },
  ])('%p is a TypeError', (options) => {
    expect(() => generateSecret(options as GenerateSecretOptions)).toThrow(TypeError)
  })
})
