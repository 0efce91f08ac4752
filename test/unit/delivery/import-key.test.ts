import { inspect } from 'node:util'
import { expect, test } from '@jest/globals'
import { importKey, materialOf, toKey } from '../../../src/delivery/import-key.js'
import { KEY, SECRET } from '../../support/signing.js'

test('diagnosis gets the secret that a key was made from, and of no other key', async () => {
  const key = await toKey(SECRET)
  expect(materialOf(key)).toEqual({ scheme: 'v1', bytes: new Uint8Array(KEY) })
  const material = { scheme: 'v1', bytes: new Uint8Array(KEY) } as const
  expect(materialOf(await importKey(material))).toBe(material)
  expect(materialOf({ ...key })).toBeUndefined()
})

test('printing a key prints none of its bytes', async () => {
  const printed = inspect(await toKey(SECRET), { depth: 9, showHidden: true, getters: true })
  for (const part of [
    SECRET.slice(3, 11),
    KEY.toString('hex').slice(0, 8),
    `${[...KEY.subarray(0, 3)]}`,
  ])
    expect(printed).not.toContain(part)
})

test('a secret that cannot be used is a TypeError at once', () => {
  expect(() => toKey('wh_asdf1234')).toThrow(TypeError)
  expect(() => toKey('wh_asdf1234', 6)).not.toThrow()
})
