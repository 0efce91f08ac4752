import { createHmac } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { createVerifier, keyIdOf, type Secret } from 'countersign'
import { createSigner, generateKeyPair } from 'countersign/sign'
import { KEY, now, SECRET } from '../../support/signing.js'

test.each<[string, Secret]>([
  ['text', SECRET],
  ['without a prefix', SECRET.slice(3)],
  ['bytes', KEY],
  ['hexadecimal', { value: KEY.toString('hex'), encoding: 'hex' }],
])('one secret has one fingerprint, however it is written: %s', async (_, secret) => {
  const headers = await createSigner({ secret: SECRET, now })('{}')
  const { keyId } = await createVerifier({ secret: SECRET, now })('{}', headers)
  expect(await keyIdOf(secret)).toBe(keyId)
  expect(keyId).toMatch(/^\w{8}$/)
})

test('the fingerprint of text is that of its bytes, whatever their number', async () => {
  for (let length = 24; length <= 100; length++) {
    // The last bits are zero, so that parts of the text are base64 of whole bytes too.
    const bytes = Uint8Array.from({ length }, (_, index) => (index === length - 1 ? 0 : index))
    const keyId = await keyIdOf(bytes)
    const base64 = Buffer.from(bytes).toString('base64')
    const base64url = Buffer.from(bytes).toString('base64url')
    for (const text of [base64, base64url].flatMap((text) => [text, `wh_${text}`, `whsec_${text}`]))
      expect(await keyIdOf(text)).toBe(keyId)
  }
})

test('a key pair has the fingerprint of its public key', async () => {
  const { secret, publicKey } = await generateKeyPair()
  const headers = await createSigner({ secret })('{}')
  const { keyId } = await createVerifier({ secret: publicKey })('{}', headers)
  expect(await keyIdOf(publicKey)).toBe(keyId)
  expect(await keyIdOf(secret)).toBe(keyId)
})

test('a short secret can be compared, an unusable one cannot', async () => {
  expect(await keyIdOf('wh_asdf1234')).toMatch(/^\w{8}$/)
  for (const secret of ['', '$$$', `whpk_${'A'.repeat(43)}`, `whsk_${'A'.repeat(86)}`]) {
    await expect(keyIdOf(secret)).rejects.toThrow(TypeError)
  }
})

test('a fingerprint is the same in every release, because snapshots and dashboards keep it', async () => {
  const tag = createHmac('sha256', KEY).update('countersign key id').digest('base64')
  expect(await keyIdOf(new Uint8Array(KEY))).toBe(tag.slice(0, 8).replace(/\W/g, '_'))
})
