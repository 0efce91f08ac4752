import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import type { HeadersInput, VerifierOptions } from '../../src/delivery/types.js'
import { createVerifier } from '../../src/verify.js'
import { handSigned, KEY, SIGNED_AT, signByHand } from '../support/signing.js'

const SECRET = `whsec_${KEY.toString('base64')}`
let clock = SIGNED_AT * 1000

beforeEach(() => {
  clock = SIGNED_AT * 1000
  jest.spyOn(Date, 'now').mockImplementation(() => clock)
})
afterEach(() => {
  jest.restoreAllMocks()
})

interface Delivery {
  body: string | Uint8Array
  headers: Record<string, string>
  secret?: string
  options?: Partial<VerifierOptions>
}

/** Does the reference implementation accept it? It throws errors of many kinds. */
function theirs({ body, headers, secret = SECRET }: Delivery): boolean {
  try {
    new Webhook(secret).verify(typeof body === 'string' ? body : Buffer.from(body), headers)
    return true
  } catch {
    return false
  }
}

/** Ours: `accepted`, the code of the refusal, or `TypeError` at creation. */
async function ours({ body, headers, secret = SECRET, options }: Delivery): Promise<string> {
  let verify: ReturnType<typeof createVerifier>
  try {
    verify = createVerifier({ ...options, secret })
  } catch (error) {
    return (error as Error).name
  }
  const verdict = await verify.check(body, headers as HeadersInput)
  return verdict.ok ? 'accepted' : verdict.error.code
}

describe('well-formed input: both agree', () => {
  const id = fc.string({ unit: fc.constantFrom(...'abcXYZ019_-.'), minLength: 1, maxLength: 40 })
  const seconds = fc.integer({ min: SIGNED_AT - 310, max: SIGNED_AT + 310 })
  const body = fc.jsonValue().map((value) => JSON.stringify(value))
  const key = fc.uint8Array({ minLength: 24, maxLength: 64 }).filter((key) => new Set(key).size > 1)
  const well = fc.record({ id, timestamp: seconds, body: fc.oneof(body, fc.constant('')), key })
  // A timestamp between dots is one of the differences below.
  const plain = well.filter(({ id }) => !/\.\d{9,12}(\.|$)/.test(id))

  /** One thing that goes wrong on the way, or none. */
  const mishap = fc.constantFrom<(delivery: Delivery) => Delivery>(
    (delivery) => delivery,
    (delivery) => ({ ...delivery, body: `${delivery.body} ` }),
    (delivery) => ({ ...delivery, body: '{}' }),
    (delivery) => ({ ...delivery, body: Buffer.from(delivery.body) }),
    (delivery) => ({ ...delivery, secret: SECRET }),
    ...['id', 'timestamp', 'signature'].flatMap((name) => [
      ({ headers, ...delivery }: Delivery) => {
        const { [`webhook-${name}`]: _, ...others } = headers
        return { ...delivery, headers: others }
      },
      ({ headers, ...delivery }: Delivery) => ({
        ...delivery,
        headers: { ...headers, [`webhook-${name}`]: '' },
      }),
      ({ headers, ...delivery }: Delivery) => ({
        ...delivery,
        headers: { ...headers, [`webhook-${name}`]: `${headers[`webhook-${name}`]}1` },
      }),
      ({ headers, ...delivery }: Delivery) => {
        const { [`webhook-${name}`]: value = '', ...others } = headers
        return { ...delivery, headers: { ...others, [`Webhook-${name}`]: value } }
      },
    ]),
    ...['v1,AAAA', 'v2,AAAA', 'v1a,AAAA', 'v1', 'v1,', 'x'].flatMap((other) => [
      ({ headers, ...delivery }: Delivery) => ({
        ...delivery,
        headers: { ...headers, 'webhook-signature': `${other} ${headers['webhook-signature']}` },
      }),
      ({ headers, ...delivery }: Delivery) => ({
        ...delivery,
        headers: { ...headers, 'webhook-signature': other },
      }),
    ]),
  )

  test('on every delivery, whole or broken', async () => {
    let accepted = 0
    await fc.assert(
      fc.asyncProperty(plain, mishap, async ({ key, ...content }, mishap) => {
        const secret = `whsec_${Buffer.from(key).toString('base64')}`
        const delivery = mishap({ ...handSigned({ ...content, key }), secret })
        const verdict = await ours(delivery)
        if (verdict === 'accepted') accepted++
        expect([verdict, verdict === 'accepted']).toEqual([verdict, theirs(delivery)])
      }),
      { numRuns: 1000 },
    )
    expect(accepted).toBeGreaterThan(100)
  })

  test('what they sign, we accept', async () => {
    await fc.assert(
      fc.asyncProperty(plain, async ({ key, id, timestamp, body }) => {
        fc.pre(Math.abs(timestamp - SIGNED_AT) <= 300)
        const secret = `whsec_${Buffer.from(key).toString('base64')}`
        const signature = new Webhook(secret).sign(id, new Date(timestamp * 1000), body)
        const headers = {
          'webhook-id': id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': signature,
        }
        expect(await ours({ body, headers, secret })).toBe('accepted')
      }),
    )
  })
})

/** Where we differ on purpose. `theirs`: does `standardwebhooks` accept it? */
interface Difference {
  what: string
  theirs: boolean
  ours: string
  reason: string
  delivery: () => Delivery
}

const { body, headers } = handSigned()
const signature = headers['webhook-signature']
const withTimestamp = (spelling: string): Delivery => ({
  body,
  headers: { ...headers, 'webhook-timestamp': spelling },
})
const withSignature = (list: string): Delivery => ({
  body,
  headers: { ...headers, 'webhook-signature': list },
})
const withId = (id: string): Delivery => handSigned({ id })

const TIMESTAMP = 'parseInt reads a number off the front: what is signed is not what was sent'
const ONE_FORM = 'a signature has one form; another one is not what the sender made'
const AT = String(SIGNED_AT)

const stricter: Difference[] = [
  ...[
    `${AT}.0`,
    `${AT}.9`,
    `+${AT}`,
    ` ${AT}`,
    `${AT} `,
    `0${AT}`,
    `${AT}abc`,
    `${AT}e9`,
    `${AT},${AT}`,
  ].map((spelling) => ({
    what: `timestamp ${JSON.stringify(spelling)}`,
    theirs: true,
    ours: 'header_malformed',
    reason: TIMESTAMP,
    delivery: () => withTimestamp(spelling),
  })),
  {
    what: 'a signature with a trailing part',
    theirs: true,
    ours: 'signature_mismatch',
    reason: ONE_FORM,
    delivery: () => withSignature(`${signature},anything`),
  },
  {
    what: 'two signatures joined by a comma alone',
    theirs: true,
    ours: 'signature_mismatch',
    reason: ONE_FORM,
    delivery: () => withSignature(`${signature},${signature}`),
  },
  {
    what: '17 signatures',
    theirs: true,
    ours: 'header_malformed',
    reason: 'a list from a stranger has an end',
    delivery: () => withSignature(Array(17).fill(signature).join(' ')),
  },
  {
    what: 'more than 4 KiB of signatures',
    theirs: true,
    ours: 'header_malformed',
    reason: 'a list from a stranger has an end',
    delivery: () => withSignature(`${signature} ${'x'.repeat(4096)}`),
  },
  {
    what: 'a timestamp between dots inside the id',
    theirs: true,
    ours: 'header_malformed',
    reason: 'the signed content could be cut at another place',
    delivery: () => withId(`a.${SIGNED_AT}.b`),
  },
  {
    what: 'a timestamp at the end of the id',
    theirs: true,
    ours: 'header_malformed',
    reason: 'the signed content could be cut at another place',
    delivery: () => withId(`a.${SIGNED_AT}`),
  },
  ...['a b', 'é', 'a\n', 'x'.repeat(257)].map((id) => ({
    what: `id ${JSON.stringify(id.slice(0, 8))} of ${id.length}`,
    theirs: true,
    ours: 'header_malformed',
    reason: 'an id is 1 to 256 visible ASCII characters; it becomes a key in stores and logs',
    delivery: () => withId(id),
  })),
  {
    what: 'two different ids in two cases',
    theirs: true,
    ours: 'header_malformed',
    reason: 'two readers could take different ones',
    delivery: () => ({ body, headers: { 'Webhook-Id': 'msg_2', ...headers } }),
  },
  {
    what: 'a delivery that is 300.5 s old',
    theirs: true,
    ours: 'timestamp_too_old',
    reason: 'they round the clock down; the tolerance is the tolerance',
    delivery: () => {
      clock = (SIGNED_AT + 300) * 1000 + 500
      return { body, headers }
    },
  },
  {
    what: 'a body that is not UTF-8, signed over what it decodes to',
    theirs: true,
    ours: 'signature_mismatch',
    reason: 'the MAC is over the bytes that arrived; they decode first, so different bodies pass',
    delivery: () => ({
      body: Uint8Array.of(0x22, 0xff, 0x22),
      headers: handSigned({ body: '"\ufffd"' }).headers,
    }),
  },
  {
    what: 'a secret with stray bits in its last character',
    theirs: true,
    ours: 'TypeError',
    reason: 'a key has one spelling; another one was damaged on the way',
    delivery: () => ({ body, headers, secret: SECRET.replace(/8=$/, '9=') }),
  },
  {
    what: 'a secret of 23 bytes',
    theirs: true,
    ours: 'TypeError',
    reason: 'the standard asks for 24 to 64',
    delivery: () => {
      const key = Buffer.alloc(23, 'k')
      return { ...handSigned({ key }), secret: `whsec_${key.toString('base64')}` }
    },
  },
]

const wider: Difference[] = [
  {
    what: 'a body that is not UTF-8, signed as it is',
    theirs: false,
    ours: 'accepted',
    reason: 'the MAC is over the bytes that arrived',
    delivery: () => ({
      ...handSigned({ body: Uint8Array.of(0xff, 0xfe) }),
      options: { parse: 'none' },
    }),
  },
  {
    what: 'a byte order mark before the JSON',
    theirs: false,
    ours: 'accepted',
    reason: 'it is authentic, and every other JSON reader skips it',
    delivery: () => handSigned({ body: '\ufeff{}' }),
  },
  ...Object.entries({
    'prefix wh_': `wh_${KEY.toString('base64')}`,
    'a leading v1,': `v1,${SECRET}`,
    'white space around': ` ${SECRET}\n`,
    base64url: `whsec_${KEY.toString('base64url')}`,
  }).map(([what, secret]) => ({
    what: `a secret with ${what}`,
    theirs: false,
    ours: 'accepted',
    reason: 'accounts and dashboards show it in this form',
    delivery: () => ({ body, headers, secret }),
  })),
  {
    what: 'svix-* headers',
    theirs: false,
    ours: 'accepted',
    reason: 'many senders still use the older names',
    delivery: () => ({
      body,
      headers: {
        'svix-id': headers['webhook-id'],
        'svix-timestamp': headers['webhook-timestamp'],
        'svix-signature': signByHand(),
      },
    }),
  },
]

describe('intended differences', () => {
  test.each([...stricter, ...wider].map((one) => [one.what, one.ours, one.reason, one] as const))(
    '%s: %s, because %s',
    async (_what, expected, _reason, difference) => {
      const delivery = difference.delivery()
      expect(theirs(delivery)).toBe(difference.theirs)
      expect(await ours(delivery)).toBe(expected)
    },
  )
})
