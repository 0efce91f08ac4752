import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Awaitable } from '../../src/base/awaitable.js'
import { ed25519, hmacSha256 } from '../vectors/rfc.js'
import { signByHand } from './signing.js'

/** What a crypto backend exports; `Key` types are each one's own. */
export interface Backend<MacKey, PublicKey, PrivateKey> {
  importMacKey(bytes: Uint8Array): Awaitable<MacKey>
  mac(key: MacKey, prefix: string, body: Uint8Array): Awaitable<string>
  importPublicKey(bytes: Uint8Array): Awaitable<PublicKey>
  importPrivateKey(pkcs8: Uint8Array): Awaitable<PrivateKey>
  verifySignature(
    key: PublicKey,
    signature: string,
    prefix: string,
    body: Uint8Array,
  ): Awaitable<boolean>
  createSignature(key: PrivateKey, prefix: string, body: Uint8Array): Awaitable<string>
}

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64')
const pkcs8 = (seed: string): Uint8Array => bytes(`302e020100300506032b657004220420${seed}`)

/** The same demands on both backends, with the answers of the RFCs. */
export function describeBackend<M, P, S>(name: string, backend: Backend<M, P, S>): void {
  const { importMacKey, mac, importPublicKey, importPrivateKey } = backend

  describe(`${name}: mac`, () => {
    test.each(hmacSha256)('RFC 4231, key %s', async (key, data, expected) => {
      expect(await mac(await importMacKey(bytes(key)), '', bytes(data))).toBe(base64(expected))
    })

    test('prefix and body are one text, in UTF-8', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uint8Array({ minLength: 1, maxLength: 100 }),
          fc.string({ unit: 'grapheme' }),
          fc.uint8Array(),
          async (key, id, body) => {
            const tag = await mac(await importMacKey(key), `${id}.1700000000.`, body)
            expect(`v1,${tag}`).toBe(signByHand({ key, id, body }))
          },
        ),
      )
    })

    test('of bytes in the middle of a larger buffer', async () => {
      const room = new Uint8Array(64).fill(7)
      const key = await importMacKey(room.subarray(3, 35))
      const tag = await mac(key, 'x', room.subarray(10, 20))
      const copy = await mac(await importMacKey(room.slice(3, 35)), 'x', room.slice(10, 20))
      expect(tag).toBe(copy)
    })
  })

  describe(`${name}: ed25519`, () => {
    test.each(ed25519)('RFC 8032, seed %s', async (seed, publicKey, message, signature) => {
      const key = await importPublicKey(bytes(publicKey))
      expect(await backend.verifySignature(key, base64(signature), '', bytes(message))).toBe(true)
      const secret = await importPrivateKey(pkcs8(seed))
      expect(await backend.createSignature(secret, '', bytes(message))).toBe(base64(signature))
    })

    test('verifies the prefix and the body, and nothing else', async () => {
      const [seed, publicKey] = ed25519[0]
      const key = await importPublicKey(bytes(publicKey))
      const secret = await importPrivateKey(pkcs8(seed))
      const signature = await backend.createSignature(secret, 'a.1.', bytes('ff00'))
      expect(await backend.verifySignature(key, signature, 'a.1.', bytes('ff00'))).toBe(true)
      for (const [prefix, body] of [
        ['a.1.', 'ff01'],
        ['b.1.', 'ff00'],
        ['a.1', 'ff00'],
        ['', ''],
      ] as const) {
        expect(await backend.verifySignature(key, signature, prefix, bytes(body))).toBe(false)
      }
    })

    test('a signature of the wrong bytes is wrong, and throws nothing', async () => {
      const key = await importPublicKey(bytes(ed25519[0][1]))
      const order = 'edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010'
      for (const wrong of ['00'.repeat(64), 'ff'.repeat(64), `${'01'.repeat(32)}${order}`]) {
        expect(await backend.verifySignature(key, base64(wrong), '', bytes(''))).toBe(false)
      }
    })

    test('S beyond the order of the group is refused: a signature has one form', async () => {
      const [, publicKey, message, signature] = ed25519[0]
      const order = 2n ** 252n + 27742317777372353535851937790883648493n
      const s =
        BigInt(`0x${Buffer.from(signature.slice(64), 'hex').reverse().toString('hex')}`) + order
      const other = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse().toString('hex')
      const key = await importPublicKey(bytes(publicKey))
      const forged = base64(signature.slice(0, 64) + other)
      expect(await backend.verifySignature(key, forged, '', bytes(message))).toBe(false)
    })
  })
}
