import { createHmac } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { triedKeys } from '../../../../src/diagnose/search/tried-keys.js'
import type { KeyBytes } from '../../../../src/diagnose/secret/secret-variants.js'

const bytes = Buffer.from('a key of thirty-two bytes, or so')
const body = Buffer.from('{}')
const keys = (['SHA-256', 'SHA-1', 'SHA-384', 'SHA-512', 'Ed25519'] as const).map((algorithm) => ({
  value: { algorithm, bytes } as KeyBytes,
  changes: [{ code: 'algorithm', detail: algorithm }] as const,
}))
const tagOf = (hash: string): string => createHmac(hash, bytes).update('p.{}').digest('base64')
const namesOf = (list: string[], cut: string[] = []) =>
  triedKeys(keys, { list: list.map((value) => ({ value, changes: [] })), cut }).map(
    ({ changes: [change] }) => change?.detail,
  )

test('a key is tried only if a signature has the length of its own', () => {
  expect(namesOf([tagOf('sha256')])).toEqual(['SHA-256'])
  expect(namesOf([tagOf('sha1'), tagOf('sha384')])).toEqual(['SHA-1', 'SHA-384'])
  expect(namesOf([tagOf('sha512')])).toEqual(['SHA-512', 'Ed25519'])
  expect(namesOf([], ['AAAAAAAA'])).toEqual(['SHA-256'])
  expect(namesOf(['AAAA'])).toEqual([])
})

test.each(['sha256', 'sha1', 'sha384', 'sha512'])('%s is recognised', async (hash) => {
  const reading = { value: tagOf(hash), changes: [] }
  const [key] = triedKeys(keys, { list: [reading], cut: [] })
  const trial = await key?.value.trial()
  expect(await trial?.('p.', body)).toBe(reading)
  expect(await trial?.('q.', body)).toBeUndefined()
})

test('a signature that was cut is recognised by its beginning', async () => {
  const [key] = triedKeys(keys, { list: [], cut: [tagOf('sha256').slice(0, 20)] })
  const trial = await key?.value.trial()
  expect((await trial?.('p.', body))?.changes).toEqual([{ code: 'signature_truncated' }])
})
