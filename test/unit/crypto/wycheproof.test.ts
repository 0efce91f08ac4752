import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parseSignatures, toKey } from '../../../src/delivery/signature.js'

// Project Wycheproof's vectors, licensed as test/vectors/wycheproof-LICENSE.txt says. They run over this project's backend,
// through the same parsing that a delivery goes through.
const read = (name: string) =>
  JSON.parse(readFileSync(`test/vectors/wycheproof-${name}.json`, 'utf8'))
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')

interface MacCase {
  readonly tcId: number
  readonly comment: string
  readonly key: string
  readonly msg: string
  readonly tag: string
  readonly result: string
}
interface SignatureCase {
  readonly tcId: number
  readonly comment: string
  readonly pk: string
  readonly msg: string
  readonly sig: string
  readonly result: string
}

const macs: MacCase[] = read('hmac-sha256').testGroups.flatMap(
  ({ tests }: { tests: MacCase[] }) => tests,
)
const signatures: SignatureCase[] = read('ed25519').testGroups.flatMap(
  ({ publicKey, tests }: { publicKey: { pk: string }; tests: SignatureCase[] }) =>
    tests.map((one) => ({ ...one, pk: publicKey.pk })),
)

describe('HMAC-SHA256', () => {
  test('there are 174', () => expect(macs).toHaveLength(174))
  test.each(macs)('$tcId: $comment', async ({ key, msg, tag, result }) => {
    const candidates = parseSignatures(`v1,${bytes(tag).toString('base64')}`)
    const known = await toKey(bytes(key), 1)
    // The standard knows whole MACs only: one that was cut is never right.
    const isRight = result === 'valid' && bytes(tag).length === 32
    expect(await known.matches(candidates, '', bytes(msg))).toBe(isRight)
  })
})

describe('ed25519', () => {
  test('there are 151', () => expect(signatures).toHaveLength(151))
  test.each(signatures)('$tcId: $comment', async ({ pk, msg, sig, result }) => {
    const candidates = parseSignatures(`v1a,${bytes(sig).toString('base64')}`)
    const known = await toKey(`whpk_${bytes(pk).toString('base64')}`)
    expect(await known.matches(candidates, '', bytes(msg))).toBe(result === 'valid')
  })
})
