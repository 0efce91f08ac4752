import { expect, jest, test } from '@jest/globals'
import { platform, randomUuid, subtleCrypto } from '../../../src/base/platform.js'

type Bytes = typeof import('../../../src/base/bytes.js')

/** Runs `use` in a runtime without the globals of that name, as in jsdom. */
function without<T>(names: readonly string[], use: () => T): T {
  const found = names.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)])
  for (const name of names) Reflect.deleteProperty(globalThis, name)
  try {
    return use()
  } finally {
    for (const [name, descriptor] of found) {
      Object.defineProperty(globalThis, String(name), descriptor as PropertyDescriptor)
    }
  }
}

const NAMES = ['TextEncoder', 'TextDecoder', 'crypto']

test('what the runtime has', () => {
  expect(platform('TextEncoder')).toBe(TextEncoder)
  expect(subtleCrypto()).toBe(crypto.subtle)
  expect(randomUuid()).toMatch(/^[\da-f-]{36}$/)
})

test('a missing global is looked up when it is used, and the error says what to do', () => {
  const uses = without(NAMES, () => {
    let bytes: Bytes | undefined
    jest.isolateModules(() => {
      bytes = jest.requireActual<Bytes>('../../../src/base/bytes.js')
    })
    return [() => bytes?.encodeUtf8('a'), () => bytes?.utf8Decoder(), subtleCrypto, randomUuid]
  })
  for (const use of uses) {
    expect(() => without<unknown>(NAMES, use)).toThrow(
      /^this runtime offers no \w+; .*@jest-environment node/,
    )
  }
})

test('a crypto that is not complete', () => {
  const { crypto } = globalThis
  const incomplete = () => {
    Object.defineProperty(globalThis, 'crypto', { value: {}, configurable: true })
    expect(subtleCrypto).toThrow('this runtime offers no crypto.subtle; ')
    expect(randomUuid).toThrow('this runtime offers no crypto.randomUUID; ')
  }
  without(['crypto'], incomplete)
  expect(globalThis.crypto).toBe(crypto)
})
