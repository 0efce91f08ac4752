import { expect, test } from '@jest/globals'
import { redact } from '../../../src/sources/redact.js'
import { toRingKey } from '../../../src/sources/ring-key.js'
import { KEY, SECRET } from '../../support/signing.js'

const PUBLIC = 'whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='

test.each([
  ['text', SECRET],
  ['bytes', new Uint8Array(KEY)],
  ['hexadecimal digits', { value: KEY.toString('hex'), encoding: 'hex' } as const],
])(
  'a secret given as %s is stored with the prefix by which messages leave it out',
  async (_, secret) => {
    const { text } = await toRingKey(secret, 24)
    expect(text).toBe(`wh_${KEY.toString('base64')}`)
    expect(redact(`stored: ${text}`, '')).toBe('stored: [secret]')
  },
)

test('a public key is stored as it is', async () => {
  expect((await toRingKey(PUBLIC, 24)).text).toBe(PUBLIC)
})

test('a key has the time that it was retired at, and is current without one', async () => {
  expect((await toRingKey(SECRET, 24, 5)).retiredAt).toBe(5)
  expect((await toRingKey(SECRET, 24)).retiredAt).toBeUndefined()
})

test('an unusable secret is a TypeError, and the least length is the caller’s', async () => {
  await expect(toRingKey('wh_asdf1234', 24)).rejects.toThrow(TypeError)
  await expect(toRingKey('wh_asdf1234', 6)).resolves.toMatchObject({ text: 'wh_asdf1234' })
})
