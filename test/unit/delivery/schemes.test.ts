import { createPublicKey } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { importKey } from '../../../src/delivery/import-key.js'
import { parseSecret } from '../../../src/delivery/secrets.js'
import { parseSignatures, signedPrefix } from '../../../src/delivery/signature.js'
import type { VerificationKey } from '../../../src/delivery/types.js'
import {
  BODY,
  hmacKey,
  PREFIX,
  privateKey,
  RIGHT,
  RIGHT_A,
  WRONG,
} from '../../support/signed-content.js'
import { KEY, OTHER_KEY, SECRET, signByHand } from '../../support/signing.js'

const publicBytes = Buffer.from(
  createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '',
  'base64url',
)

const publicKey = async (): Promise<VerificationKey> =>
  importKey(parseSecret(`whpk_${publicBytes.toString('base64')}`))

describe('an HMAC key', () => {
  test('knows its signature among others, wherever it stands', async () => {
    const key = await hmacKey()
    expect(key.scheme).toBe('v1')
    for (const candidates of [[RIGHT], [WRONG, RIGHT], [RIGHT, WRONG], [RIGHT_A, RIGHT]]) {
      expect(await key.matches(candidates, PREFIX, BODY)).toBe(true)
    }
    expect(await key.matches([WRONG, WRONG], PREFIX, BODY)).toBe(false)
    expect(await key.matches([], PREFIX, BODY)).toBe(false)
  })

  test('agrees with node:crypto for any key, prefix and body', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 24, maxLength: 100 }).filter((key) => new Set(key).size > 1),
        fc.string({ unit: fc.constantFrom(...'abc_.019') }),
        fc.uint8Array(),
        async (bytes, id, body) => {
          const key = await hmacKey(bytes)
          const signature = signByHand({ key: bytes, id, body })
          expect(await key.matches([signature], signedPrefix(id, '1700000000'), body)).toBe(true)
          expect(await key.matches([signature], signedPrefix(`${id}x`, '1700000000'), body)).toBe(
            false,
          )
        },
      ),
    )
  })

  test('never answers a v1a', async () => {
    const key = await hmacKey()
    expect(await key.matches([RIGHT_A, `v1a,${RIGHT.slice(3)}`], PREFIX, BODY)).toBe(false)
  })
})

describe('a public key', () => {
  test('knows its signature among others', async () => {
    const key = await publicKey()
    expect(key.scheme).toBe('v1a')
    expect(await key.matches([RIGHT, RIGHT_A], PREFIX, BODY)).toBe(true)
    expect(await key.matches([RIGHT_A], PREFIX, Buffer.from('{"a":2}'))).toBe(false)
    expect(await key.matches([RIGHT_A], 'msg_2.1700000000.', BODY)).toBe(false)
    expect(await key.matches([`v1a,${Buffer.alloc(64).toString('base64')}`], PREFIX, BODY)).toBe(
      false,
    )
    expect(await key.matches([], PREFIX, BODY)).toBe(false)
  })

  test('tries four candidates and no more, so that a forger cannot choose the cost', async () => {
    const key = await publicKey()
    const forged = Array.from({ length: 16 }, (_, i) => {
      return `v1a,${Buffer.alloc(64, i + 1).toString('base64')}`
    })
    for (const [place, isFound] of [0, 1, 2, 3, 4, 15].map((i) => [i, i < 4] as const)) {
      const header = [RIGHT, ...forged.slice(0, place), RIGHT_A].join(' ')
      if (place > 14) expect(() => parseSignatures(header)).toThrow()
      else expect(await key.matches(parseSignatures(header), PREFIX, BODY)).toBe(isFound)
    }
    // Equal ones count once.
    const equal = [...Array(14).fill(forged[0]), RIGHT_A].join(' ')
    expect(await key.matches(parseSignatures(equal), PREFIX, BODY)).toBe(true)
  })

  test('never answers a v1, whatever it was made with', async () => {
    const key = await publicKey()
    const forged = signByHand({ key: publicBytes })
    expect(await key.matches([RIGHT, forged, `v1,${RIGHT_A.slice(4)}`], PREFIX, BODY)).toBe(false)
  })

  test('that is no point of the curve verifies nothing and throws nothing', async () => {
    const key = await importKey({ scheme: 'v1a', bytes: new Uint8Array(32).fill(0xff) })
    expect(await key.matches([RIGHT_A], PREFIX, BODY)).toBe(false)
  })
})

describe('keyId', () => {
  test('is short, safe to print, and the same every time', async () => {
    for (const make of [hmacKey, publicKey]) {
      const { keyId } = await make()
      expect(keyId).toMatch(/^\w{8}$/)
      expect((await make()).keyId).toBe(keyId)
    }
  })

  test('distinguishes keys and shows nothing of an HMAC key', async () => {
    const [one, other] = [await hmacKey(KEY), await hmacKey(OTHER_KEY)]
    expect(one.keyId).not.toBe(other.keyId)
    expect(SECRET).not.toContain(one.keyId)
    expect(JSON.stringify(one)).not.toContain(SECRET.slice(3, 20))
  })
})
