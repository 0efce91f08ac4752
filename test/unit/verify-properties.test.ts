import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { HeadersInput, VerifierOptions, WebhookBody } from '../../src/delivery/types.js'
import { createVerifier } from '../../src/verify.js'
import { KEY, now, OTHER_KEY, SECRET, SIGNED_AT, signByHand } from '../support/signing.js'
import { type HeaderShape, headerShapes } from '../vectors/delivery.js'

const CODES = [
  'header_missing',
  'header_malformed',
  'timestamp_too_old',
  'timestamp_too_new',
  'signature_mismatch',
  'payload_invalid',
  'body_unavailable',
]

const verify = createVerifier({ secret: [SECRET, OTHER_KEY], now, parse: 'none' })
const verifyJson = createVerifier({ secret: SECRET, now })

// What a forger would try: parts that are right, nearly right, or anything.
const id = fc.oneof(
  fc.constantFrom('msg_1', 'msg_1.1700000000', 'msg_1.', '', 'msg_1, msg_1', 'a.b'),
  fc.string(),
)
const timestamp = fc.oneof(
  fc.integer({ min: SIGNED_AT - 302, max: SIGNED_AT + 302 }).map(String),
  // A whole range would hit what lies just outside the tolerance too seldom.
  fc.constantFrom(-302, -301, -300, 300, 301, 302).map((age) => String(SIGNED_AT + age)),
  fc.constantFrom('1700000000', '01700000000', '1700000000.0', '1700000000000', '', '٣'),
  fc.string(),
)
const body = fc.oneof(
  fc.uint8Array(),
  fc.constantFrom('{"a":1}', '1700000000.{}', '', '.'),
  fc.string(),
)
const key = fc.constantFrom<Uint8Array>(KEY, OTHER_KEY, Buffer.alloc(0), Buffer.alloc(32))

/** A signature over one content, as it is or changed a little. */
const signature = (
  id: string,
  timestamp: string,
  body: string | Uint8Array,
): fc.Arbitrary<string> =>
  key.chain((key) => {
    const right = signByHand({ id, timestamp, body, key })
    return fc.constantFrom(
      right,
      right,
      right,
      `${right},x`,
      right.slice(0, -1),
      right.replace('v1,', 'v1a,'),
      right.replace('v1,', 'V1,'),
      `v1,${right}`,
      `${right} v2,x`,
      `x, ${right}`,
      right.slice(3),
      '',
    )
  })

interface Sent {
  lines: (readonly [string, string])[]
  shape: HeaderShape
  body: string | Uint8Array
  signatures: string
}

/** The signature belongs to one content, the delivery carries another or the same. */
const delivery: fc.Arbitrary<Sent> = fc
  .record({ id, timestamp, body, otherId: id, otherTimestamp: timestamp, otherBody: body })
  .chain((parts) =>
    fc
      .record({
        shape: fc.constantFrom<HeaderShape>('record', 'arrays', 'Map', 'pairs', 'raw'),
        swap: fc.constantFrom('nothing', 'nothing', 'id', 'timestamp', 'body'),
        left: fc.constantFrom(
          '',
          '',
          '',
          '',
          'webhook-id',
          'webhook-timestamp',
          'webhook-signature',
        ),
        signatures: fc.oneof(
          { weight: 4, arbitrary: signature(parts.id, parts.timestamp, parts.body) },
          { weight: 1, arbitrary: fc.string() },
        ),
      })
      .map(({ shape, swap, left, signatures }) => ({
        shape,
        signatures,
        body: swap === 'body' ? parts.otherBody : parts.body,
        lines: (
          [
            ['webhook-id', swap === 'id' ? parts.otherId : parts.id],
            ['webhook-timestamp', swap === 'timestamp' ? parts.otherTimestamp : parts.timestamp],
            ['webhook-signature', signatures],
          ] as const
        ).filter(([name]) => name !== left),
      })),
  )

describe('check', () => {
  test('never throws, and accepts only what has the right MAC', async () => {
    const seen = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(delivery, async ({ shape, lines, body, signatures }) => {
        const headers = headerShapes[shape](lines) as HeadersInput
        const verdict = await verify.check(body, headers)
        const code = verdict.ok ? 'accepted' : verdict.error.code
        seen.set(code, (seen.get(code) ?? 0) + 1)
        if (!verdict.ok) {
          expect(CODES).toContain(code)
          return
        }
        // Whatever was accepted: its own id, time and bytes carry one of the signatures that came.
        const { id, timestamp, body: bytes } = verdict.webhook
        const seconds = timestamp.getTime() / 1000
        const right = [KEY, OTHER_KEY].map((key) =>
          signByHand({ id, timestamp: String(seconds), body: bytes, key }),
        )
        expect(signatures.split(/,? /).some((candidate) => right.includes(candidate))).toBe(true)
        expect(Buffer.from(bytes)).toEqual(Buffer.from(body))
        expect(Math.abs(seconds - SIGNED_AT)).toBeLessThanOrEqual(300)
      }),
      { numRuns: 3000 },
    )
    // The generator reaches what it is about.
    for (const code of [
      'timestamp_too_new',
      'accepted',
      'signature_mismatch',
      'header_malformed',
      'timestamp_too_old',
    ]) {
      expect(seen.get(code)).toBeGreaterThan(10)
    }
  })

  test('accepts every delivery that is well-formed and rightly signed', async () => {
    const wellFormed = fc.record({
      id: fc.string({ unit: fc.constantFrom(...'abcXYZ019_-:/+=~'), minLength: 1, maxLength: 256 }),
      timestamp: fc.integer({ min: SIGNED_AT - 300, max: SIGNED_AT + 300 }),
      body: fc.oneof(fc.uint8Array(), fc.string({ unit: 'grapheme' })),
      key: fc.constantFrom(KEY, OTHER_KEY),
    })
    await fc.assert(
      fc.asyncProperty(wellFormed, async (content) => {
        const verdict = await verify.check(content.body, {
          'webhook-id': content.id,
          'webhook-timestamp': String(content.timestamp),
          'webhook-signature': signByHand(content),
        })
        expect(verdict.ok && verdict.webhook.id).toBe(content.id)
      }),
      { numRuns: 500 },
    )
  })

  test('another id or another timestamp is refused', async () => {
    const id = fc.stringMatching(/^[!-~]{1,20}$/).filter((text) => !/\.\d+\./.test(text))
    const timestamp = fc.integer({ min: SIGNED_AT - 300, max: SIGNED_AT + 300 })
    const body = '{"a":1}'
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(SIGNED_AT),
      'webhook-signature': signByHand({ body }),
    }
    await fc.assert(
      fc.asyncProperty(id, timestamp, async (id, timestamp) => {
        fc.pre(id !== 'msg_1' && timestamp !== SIGNED_AT)
        for (const changed of [{ 'webhook-id': id }, { 'webhook-timestamp': String(timestamp) }]) {
          const verdict = await verify.check(body, { ...headers, ...changed })
          expect(verdict).toMatchObject({ ok: false, error: { code: 'signature_mismatch' } })
        }
      }),
    )
    expect(await verify.check(body, headers)).toMatchObject({ ok: true })
  })

  test('one changed bit anywhere in the body is refused', async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 })
    await fc.assert(
      fc.asyncProperty(bytes, fc.nat(), fc.nat(7), async (bytes, at, bit) => {
        const headers = {
          'webhook-id': 'msg_1',
          'webhook-timestamp': String(SIGNED_AT),
          'webhook-signature': signByHand({ body: bytes }),
        }
        const changed = Uint8Array.from(bytes)
        const index = at % bytes.length
        changed[index] = (bytes[index] ?? 0) ^ (1 << bit)
        const verdict = await verify.check(changed, headers)
        expect(verdict).toMatchObject({ ok: false, error: { code: 'signature_mismatch' } })
      }),
      { numRuns: 500 },
    )
  })

  test('anything at all for headers and body is a verdict, and never an accepted one', async () => {
    const name = fc.constantFrom('webhook-id', 'Webhook-Timestamp', 'webhook-signature', 'svix-id')
    const headers = fc.oneof(
      fc.anything({ withMap: true, withSet: true, withNullPrototype: true, withDate: true }),
      fc.dictionary(name, fc.anything()),
      fc.array(fc.tuple(name, fc.anything())),
      fc.array(fc.oneof(name, fc.string())),
    )
    const body = fc.anything({ withTypedArray: true, withNullPrototype: true })
    await fc.assert(
      fc.asyncProperty(headers, body, async (headers, body) => {
        for (const check of [verify.check, verifyJson.check]) {
          const verdict = await check(body as WebhookBody, headers as HeadersInput)
          expect(verdict.ok).toBe(false)
          if (!verdict.ok) expect(CODES).toContain(verdict.error.code)
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('an arbitrary secret is a TypeError at creation or a key of its own', async () => {
    const secret = fc.oneof(
      fc.anything(),
      fc.string(),
      fc.base64String().map((text) => `wh_${text}`),
      fc.uint8Array({ maxLength: 40 }),
      fc.array(fc.oneof(fc.string(), fc.uint8Array())),
      fc.record({ value: fc.string(), encoding: fc.constantFrom('utf8', 'hex', 'base64', 'x') }),
    )
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(SIGNED_AT),
      'webhook-signature': signByHand(),
    }
    await fc.assert(
      fc.asyncProperty(secret, fc.nat(30), async (secret, minSecretBytes) => {
        const options = { secret, minSecretBytes, now } as VerifierOptions
        let verify: ReturnType<typeof createVerifier>
        try {
          verify = createVerifier(options)
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError)
          return
        }
        // A key that is not ours opens nothing.
        expect(await verify.check('{"a":1}', headers)).toMatchObject({
          ok: false,
          error: { code: 'signature_mismatch' },
        })
      }),
      { numRuns: 1000 },
    )
  })
})
