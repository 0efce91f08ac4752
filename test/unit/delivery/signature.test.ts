import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isWebhookError } from '../../../src/base/errors.js'
import { toKey } from '../../../src/delivery/import-key.js'
import {
  findKey,
  parseSignatures,
  signatureMismatch,
  signedPrefix,
} from '../../../src/delivery/signature.js'
import type { VerificationKey } from '../../../src/delivery/types.js'
import { expectLinear } from '../../support/growth.js'
import { BODY, hmacKey, PREFIX, RIGHT, RIGHT_A, WRONG } from '../../support/signed-content.js'
import { OTHER_KEY, SECRET, signByHand } from '../../support/signing.js'

/** A candidate like no other. */
const signatureOf = (_: unknown, i: number): string => signByHand({ body: `${i}` })

function codeOf(header: string): string {
  try {
    return `${parseSignatures(header).length} candidates`
  } catch (error) {
    if (!isWebhookError(error)) throw error
    return error.code
  }
}

test('the signed content is id, timestamp and body between dots', () => {
  expect(signedPrefix('msg_1', '1700000000')).toBe(PREFIX)
})

describe('parseSignatures', () => {
  test('keeps what can be decoded, with its version', () => {
    expect(parseSignatures(`v2,x ${RIGHT} k ${RIGHT_A} v1,abc`)).toEqual([RIGHT, RIGHT_A])
  })

  test('reads lists, lines joined by Node and any number of spaces', () => {
    for (const between of [' ', '  ', ', ', ',   ']) {
      expect(parseSignatures([RIGHT, WRONG].join(between))).toEqual([RIGHT, WRONG])
    }
    expect(parseSignatures(`  ${RIGHT}  `)).toEqual([RIGHT])
  })

  test('only canonical padded base64 of the right length counts', () => {
    const unit = fc.constantFrom(...'AEIQgw048+/-_=,!x\n\t')
    const text = fc.oneof(
      fc.tuple(
        fc.constantFrom('v1,', 'v1a,', 'V1,', 'v2,', ''),
        fc.string({ unit, minLength: 40, maxLength: 46 }),
      ),
      fc.tuple(
        fc.constantFrom('v1,', 'v1a,'),
        fc
          .uint8Array({ minLength: 31, maxLength: 33 })
          .map((bytes) => Buffer.from(bytes).toString('base64')),
      ),
      fc.tuple(
        fc.constantFrom('v1,', 'v1a,'),
        fc
          .uint8Array({ minLength: 63, maxLength: 65 })
          .map((bytes) => Buffer.from(bytes).toString('base64')),
      ),
      fc.tuple(
        fc.constantFrom('v1,', 'v1a,'),
        fc
          .uint8Array({ minLength: 32, maxLength: 32 })
          .map((bytes) => Buffer.from(bytes).toString('base64url')),
      ),
    )
    const lengths: Record<string, number> = { 'v1,': 32, 'v1a,': 64 }
    fc.assert(
      fc.property(text, ([version, base64]) => {
        const bytes = Buffer.from(base64, 'base64')
        const counts = bytes.length === lengths[version] && bytes.toString('base64') === base64
        expect(codeOf(version + base64)).toBe(`${counts ? 1 : 0} candidates`)
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    ['nothing', '', 'header_malformed'],
    ['only spaces', '   ', 'header_malformed'],
    ['only separators', ', , ', 'header_malformed'],
    ['16 candidates', Array.from({ length: 16 }, signatureOf).join(' '), '16 candidates'],
    ['16 equal candidates', Array(16).fill(RIGHT).join(' '), '1 candidates'],
    ['16 of two kinds', Array(8).fill(`${RIGHT} ${RIGHT_A}`).join(' '), '2 candidates'],
    ['17 candidates', Array(17).fill(RIGHT).join(' '), 'header_malformed'],
    ['17 words', Array(17).fill('x').join(' '), 'header_malformed'],
    ['something in front of the version', `x${RIGHT}`, '0 candidates'],
    ['something in front of v1a', `xv1a,${RIGHT_A.slice(4)}`, '0 candidates'],
    ['something behind the padding', `${RIGHT}x ${RIGHT_A}x`, '0 candidates'],
    ['4096 characters', 'x'.repeat(4096), '0 candidates'],
    ['4097 characters', 'x'.repeat(4097), 'header_malformed'],
  ])('%s', (_, header, code) => {
    expect(codeOf(header)).toBe(code)
  })

  test('says what the header must hold', () => {
    expect(() => parseSignatures('')).toThrow('webhook-signature must hold 1 to 16 signatures')
  })

  test('anything at all is a list or header_malformed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (header) => {
        expect(codeOf(header)).toMatch(/^(\d+ candidates|header_malformed)$/)
      }),
    )
  })

  test.each([' ', ',', ', ', 'v1,', 'v1, ', 'A', `${RIGHT},`])(
    'linear or fail: %p',
    async (piece) => {
      await expectLinear((size) => codeOf(piece.repeat(size)), 500)
    },
  )
})

describe('findKey', () => {
  const content = { candidates: [RIGHT], prefix: PREFIX, body: BODY }

  test('finds the one that is right, raw or imported', async () => {
    const keys = [await hmacKey(OTHER_KEY), SECRET]
    expect((await findKey(keys, content))?.keyId).toBe((await hmacKey()).keyId)
    expect(await findKey([OTHER_KEY], content)).toBeUndefined()
    expect(await findKey([], content)).toBeUndefined()
  })

  test.each([
    ['at once', (right: boolean) => right],
    ['later', async (right: boolean) => right],
    ['later than the first', (right: boolean) => (right ? Promise.resolve(right) : right)],
  ])(
    'asks one key after the other, each once, and none behind the right one: %s',
    async (_, say) => {
      const asked: string[] = []
      const key = (keyId: string, right: boolean): VerificationKey => ({
        keyId,
        scheme: 'v1',
        matches() {
          asked.push(keyId)
          return say(right)
        },
      })
      const keys = [key('a', false), key('b', false), key('c', true), key('d', true)]
      expect((await findKey(keys, content))?.keyId).toBe('c')
      expect(asked).toEqual(['a', 'b', 'c'])
      expect(await findKey(keys.slice(0, 2), content)).toBeUndefined()
    },
  )
})

test('any number of keys is tried, one after the other, without growing the stack', async () => {
  const key = await toKey(SECRET)
  const wrong = { ...key, matches: () => false }
  const late = { ...key, matches: async () => false }
  const right = { ...key, matches: () => true }
  const content = { candidates: [], prefix: '', body: new Uint8Array(0) }
  for (const other of [wrong, late]) {
    const keys = [...Array.from({ length: 50_000 }, () => other), right]
    expect(await findKey(keys, content)).toBe(right)
  }
})

test('a mismatch says how to find its cause', () => {
  expect(signatureMismatch()).toMatchObject({
    code: 'signature_mismatch',
    message: expect.stringContaining('diagnose({ ...error.delivery, secret })'),
  })
})
