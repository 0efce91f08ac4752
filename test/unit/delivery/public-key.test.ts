import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { isStrongPublicKey } from '../../../src/delivery/public-key.js'
import { ed25519 } from '../../vectors/rfc.js'

const P = 2n ** 255n - 19n
const ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022n
/** The y of every point whose order is 1, 2, 4 or 8. */
const SMALL = [0n, 1n, P - 1n, ORDER_8, P - ORDER_8]

/** `y` in 32 bytes, the lowest first, with or without the sign of x. */
function encoded(y: bigint, sign = false): Uint8Array {
  const hex = y.toString(16).padStart(64, '0')
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex').reverse())
  if (sign) bytes[31] = (bytes[31] ?? 0) | 0x80
  return bytes
}

test('keys that were made are strong', () => {
  for (const [, key] of ed25519) expect(isStrongPublicKey(Buffer.from(key, 'hex'))).toBe(true)
  for (let i = 0; i < 20; i++) {
    const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
    expect(isStrongPublicKey(Buffer.from(x, 'base64url'))).toBe(true)
  }
})

// Node 20 takes signatures for some of them that need no private key: R = 1 and S = 0 fit the identity. Newer versions do not.
describe('points of small order', () => {
  test.each(SMALL.flatMap((y) => [false, true].map((sign) => [y, sign] as const)))(
    'y %p, sign %p',
    (y, sign) => {
      expect(isStrongPublicKey(encoded(y, sign))).toBe(false)
    },
  )
})

test('no y has a second spelling', () => {
  for (let y = P; y < 2n ** 255n; y++) {
    expect(isStrongPublicKey(encoded(y))).toBe(false)
    expect(isStrongPublicKey(encoded(y, true))).toBe(false)
  }
  expect(isStrongPublicKey(encoded(3n))).toBe(true)
  expect(isStrongPublicKey(encoded(P + 3n))).toBe(false)
})

test('every y is on the curve or not, as its equation says', () => {
  const power = (base: bigint, exponent: bigint): bigint => {
    if (exponent === 0n) return 1n
    const half = power((base * base) % P, exponent >> 1n)
    return exponent & 1n ? (half * base) % P : half
  }
  const inverse = (number: bigint): bigint => power(number, P - 2n)
  const d = (((P - 121665n) * inverse(121666n)) % P) as bigint
  const found = { on: 0, off: 0 }
  for (let y = 2n; y < 100n; y++) {
    const xx = ((y * y - 1n) * inverse((d * y * y + 1n) % P)) % P
    const isOn = power(xx, (P - 1n) / 2n) === 1n
    found[isOn ? 'on' : 'off']++
    expect(isStrongPublicKey(encoded(y))).toBe(isOn)
    expect(isStrongPublicKey(encoded(y, true))).toBe(isOn)
  }
  expect(found.on).toBeGreaterThan(20)
  expect(found.off).toBeGreaterThan(20)
})
