import { expect, test } from '@jest/globals'
import { createSeal } from '../../../src/sources/seal.js'

const KEY = new Uint8Array(32).fill(7)
const TEXT = '{"keys":["wh_…"]}'

test('opens what it closed, and hides it', async () => {
  const seal = createSeal(KEY, 'account 1')
  const sealed = await seal.close(TEXT, 3)
  expect(sealed).not.toContain('wh_')
  expect(await seal.open(sealed, 3)).toBe(TEXT)
  expect(await seal.close(TEXT, 3)).not.toBe(sealed)
  const same = createSeal(Buffer.from(KEY).toString('base64'), 'account 1')
  expect(await same.open(sealed, 3)).toBe(TEXT)
})

test('refuses another key, another place, another version, a changed byte, a cut, and plain text', async () => {
  const seal = createSeal(KEY, 'account 1')
  const sealed = await seal.close(TEXT, 3)
  await expect(
    createSeal(
      KEY.map((byte) => byte + 1),
      'account 1',
    ).open(sealed, 3),
  ).rejects.toThrow()
  await expect(createSeal(KEY, 'account 2').open(sealed, 3)).rejects.toThrow()
  await expect(seal.open(sealed, 4)).rejects.toThrow()
  const changed = sealed.slice(0, 30) + (sealed[30] === 'A' ? 'B' : 'A') + sealed.slice(31)
  for (const wrong of [changed, sealed.slice(0, -4), 'gcm1.', 'gcm1.!', TEXT, '']) {
    await expect(seal.open(wrong, 3)).rejects.toThrow(/encrypt/)
  }
})

test.each([undefined, null, '', 'short', new Uint8Array(0), new Uint8Array(24), 32, {}])(
  'the key %p is refused',
  (key) => {
    expect(() => createSeal(key, 'account 1')).toThrow(TypeError)
  },
)
