import { describe, expect, test } from '@jest/globals'
import type { Secret } from '../../../src/delivery/types.js'
import { staticSource } from '../../../src/sources/static-source.js'
import { KEY, OTHER_KEY, SECRET, signByHand } from '../../support/signing.js'

const PREFIX = 'msg_1.1700000000.'
const BODY = Buffer.from('{"a":1}')

describe('staticSource', () => {
  test('knows every key, newest first, and is always current', async () => {
    const source = staticSource([SECRET, OTHER_KEY], 24)
    const { keys, current } = await source.read({})
    expect(current).toBe(true)
    expect(keys).toHaveLength(2)
    const right = await Promise.all(
      keys.map((key) =>
        typeof key === 'object' && 'matches' in key
          ? key.matches([signByHand({ body: BODY, key: OTHER_KEY })], PREFIX, BODY)
          : 'not imported',
      ),
    )
    expect(right).toEqual([false, true])
  })

  test('has no other keys when asked again', async () => {
    const source = staticSource([SECRET], 24)
    const known = await source.read({})
    expect(await source.reread(0, {})).toBe(known)
    expect(await source.read({})).toBe(known)
  })

  test.each<[string, readonly Secret[]]>([
    ['an empty list', []],
    ['a short secret', [SECRET, 'wh_asdf1234']],
    ['an empty secret', ['']],
    ['a private key', [`whsk_${KEY.toString('base64')}`]],
  ])('%s is a TypeError at creation', (_, secrets) => {
    expect(() => staticSource(secrets, 24)).toThrow(TypeError)
  })

  test('takes the minimum length from its caller', () => {
    expect(() => staticSource(['wh_asdf1234'], 6)).not.toThrow()
    expect(() => staticSource([SECRET], 33)).toThrow(TypeError)
  })
})
