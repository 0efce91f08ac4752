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

test('opens what it closed, however long it is', async () => {
  const seal = createSeal(KEY, 'account 1')
  const text = 'é'.repeat(200_000)
  expect(await seal.open(await seal.close(text, 1), 1)).toBe(text)
})

test('white space around the base64 of a key is no part of it', async () => {
  const key = Buffer.from(KEY).toString('base64')
  const sealed = await createSeal(KEY, 'account 1').close(TEXT, 3)
  expect(await createSeal(` ${key}\n`, 'account 1').open(sealed, 3)).toBe(TEXT)
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

test.each([
  [undefined, 'encryptionKey is undefined: is the environment variable set?'],
  [null, 'is the environment variable set?'],
  ['', 'encryptionKey is empty: is the environment variable set?'],
  ['short', 'but this is neither bytes nor base64'],
  ['AAAA', 'but this is 3 bytes'],
  [new Uint8Array(0), 'but this is 0 bytes'],
  [
    new Uint8Array(24),
    'encryptionKey must be 16 or 32 bytes, or their base64, but this is 24 bytes',
  ],
  [32, 'but this is neither bytes nor base64'],
  [{}, 'but this is neither bytes nor base64'],
])('the key %p is refused', (key, message) => {
  expect(() => createSeal(key, 'account 1')).toThrow(TypeError)
  expect(() => createSeal(key, 'account 1')).toThrow(message)
})

test('a snapshot that cannot be opened says what to do, and keeps its reason', async () => {
  const sealed = await createSeal(new Uint8Array(32).fill(8), 'account 1').close(TEXT, 3)
  const seal = createSeal(KEY, 'account 1')
  for (const damaged of [sealed, sealed.slice(0, 20), `${sealed}\n`, 'gcm1.!']) {
    await expect(seal.open(damaged, 3)).rejects.toMatchObject({
      reason: 'snapshot_failed',
      message: expect.stringMatching(/cannot be decrypted: use the encryptionKey .*, or delete/),
    })
  }
  await expect(seal.open(TEXT, 3)).rejects.toMatchObject({
    reason: 'snapshot_failed',
    message: expect.stringMatching(/not encrypted.*: delete the snapshot/),
  })
})
