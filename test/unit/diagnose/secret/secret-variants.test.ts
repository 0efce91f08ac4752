import { expect, test } from '@jest/globals'
import type { Secret } from 'countersign'
import { secretVariants } from '../../../../src/diagnose/secret/secret-variants.js'
import { capturedWith } from '../captured.js'

const KEY = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7))
const SECRET = `wh_${KEY.toString('base64')}`

function variantsOf(secrets: readonly Secret[], previous: readonly Secret[] = []) {
  return secretVariants(capturedWith({ secrets, previous })).flatMap(({ value, changes }) =>
    value.algorithm === 'own' ? [] : [{ value, changes }],
  )
}

function causesOf(
  key: Uint8Array | string,
  secrets: readonly Secret[],
  previous?: readonly Secret[],
) {
  const wanted = Buffer.from(key).toString('hex')
  const found = variantsOf(secrets, previous).find(
    ({ value }) =>
      value.algorithm === 'SHA-256' && Buffer.from(value.bytes).toString('hex') === wanted,
  )
  return found?.changes.map(({ code }) => code)
}

test('the secret as it is meant comes first, without a change', () => {
  expect(variantsOf([SECRET])[0]).toMatchObject({ changes: [], value: { algorithm: 'SHA-256' } })
  expect(causesOf(KEY, [SECRET])).toEqual([])
})

test('another one, and the previous one', () => {
  const other = `whsec_${'A'.repeat(43)}=`
  expect(causesOf(KEY, [other, SECRET])).toEqual([])
  expect(causesOf(KEY, [other], [SECRET])).toEqual(['secret_previous'])
  expect(causesOf(SECRET, [other, SECRET])).toEqual(['secret_used_as_text'])
})

test('each key is there once', () => {
  const keys = variantsOf([SECRET, SECRET], [SECRET]).map(
    ({ value }) => value.algorithm + Buffer.from(value.bytes).toString('hex'),
  )
  expect(new Set(keys).size).toBe(keys.length)
})

test('public and private keys are for ed25519 only', () => {
  const variants = variantsOf([`whpk_${KEY.toString('base64')}`])
  expect(variants[0]).toMatchObject({ changes: [], value: { algorithm: 'Ed25519' } })
  const pair = `whsk_${Buffer.concat([Buffer.alloc(32), KEY]).toString('base64')}`
  const found = variantsOf([pair]).find(({ value }) => value.algorithm === 'Ed25519')
  expect(found?.changes).toEqual([{ code: 'secret_is_private_key' }])
  expect(Buffer.from(found?.value.bytes ?? '')).toEqual(KEY)
})

test('no key is empty: HMAC and WebCrypto disagree on those', () => {
  for (const secrets of [[''], ['wh_'], [], [new Uint8Array(0)], ['"']]) {
    for (const { value } of variantsOf(secrets)) expect(value.bytes.length).toBeGreaterThan(0)
  }
})
