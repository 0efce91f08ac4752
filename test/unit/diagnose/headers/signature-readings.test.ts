import { expect, test } from '@jest/globals'
import { signatureReadings } from '../../../../src/diagnose/headers/signature-readings.js'
import { capturedWith } from '../captured.js'

const MAC = Buffer.from(Array.from({ length: 32 }, (_, i) => 255 - i))
const BASE64 = MAC.toString('base64')

function causesIn(header: string, headers: readonly (readonly [string, string])[] = []) {
  const captured = capturedWith({ headers: [['webhook-signature', header], ...headers] })
  const { list } = signatureReadings(captured, 'webhook-signature')
  return list.find(({ value }) => value === BASE64)?.changes.map(({ code }) => code)
}

test.each([
  [`v1,${BASE64}`, []],
  [`v2,x v1,${BASE64}`, []],
  [`v1,x, v1,${BASE64}`, []],
  [`v1,${MAC.toString('hex')}`, ['signature_encoding']],
  [`v1,${MAC.toString('base64url')}`, ['signature_encoding']],
  [`v1,${BASE64.replace('=', '')}`, ['signature_encoding']],
  [BASE64, ['signature_format']],
  [`v1a,${BASE64}`, ['signature_version']],
  [`v3,${BASE64}`, ['signature_version']],
  [`v1=${BASE64}`, ['signature_format']],
  [`v1,"${BASE64}"`, ['signature_format']],
  [`v1,${BASE64},x`, ['signature_format']],
  [`v1,${'A'.repeat(43)}=,v1,${BASE64}`, ['headers_joined']],
  [encodeURIComponent(`v1,${BASE64}`), ['signature_url_encoded']],
  [`v1,${BASE64}`.replaceAll('+', ' '), ['signature_url_encoded']],
  [`sha256=${MAC.toString('hex')}`, ['signature_encoding', 'signature_format']],
  ['v1,', undefined],
  ['', undefined],
])('%s', (header, causes) => {
  expect(causesIn(header)).toEqual(causes)
})

test('in another header', () => {
  expect(causesIn('', [['x-acme-signature', `v1,${BASE64}`]])).toEqual(['header_names'])
  expect(causesIn('', [['x-other', `v1,${BASE64}`]])).toBeUndefined()
})
