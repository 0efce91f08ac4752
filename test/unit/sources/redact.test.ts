import { inspect } from 'node:util'
import { expect, test } from '@jest/globals'
import { plainCause, redact } from '../../../src/sources/redact.js'

const TOKEN = 'tok"en\\1'

test('the token and secrets are blotted out at every depth, the rest stays', () => {
  const body = {
    message: `${TOKEN} and ${TOKEN} and wh_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw= and whsec_AbC-_.`,
    details: [{ deep: [`Bearer ${TOKEN}`] }, { [TOKEN]: 1, whsk_abc: 2 }, null, 7, true],
  }
  expect(redact(body, TOKEN)).toEqual({
    message: '[token] and [token] and [secret] and [secret].',
    details: [{ deep: ['Bearer [token]'] }, { '[token]': 1, '[secret]': 2 }, null, 7, true],
  })
})

test('a cause keeps messages and code, and nothing that hangs on the error', () => {
  const request = { headers: { authorization: `Bearer ${TOKEN}` } }
  const cause = Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED', request })
  const plain = plainCause(Object.assign(new Error(`no ${TOKEN}`, { cause }), { request }), TOKEN)
  expect(plain).toMatchObject({ message: 'no [token]: connect refused', code: 'ECONNREFUSED' })
  expect(inspect(plain, { depth: 9 })).not.toContain('Bearer')
})

test('the error’s own code counts before its cause’s, and only text is one', () => {
  const cause = { code: 'INNER', message: 7 }
  expect(plainCause({ message: 'outer', code: 'OUTER', cause }, TOKEN)).toMatchObject({
    message: 'outer',
    code: 'OUTER',
  })
  expect(plainCause({ code: { token: TOKEN } }, TOKEN)).not.toHaveProperty('code')
  expect(plainCause({ code: `E_${TOKEN}` }, TOKEN)).toMatchObject({ code: 'E_[token]' })
})

test.each([undefined, null, 'no', 7, {}])('%p is a cause without words', (thrown) => {
  expect(plainCause(thrown, TOKEN)).toMatchObject({ message: '' })
})

test('64 levels are looked through, 65 are not; brackets in texts are no levels', () => {
  const nested = (levels: number): unknown =>
    levels === 0 ? '[[{"\\' : levels % 2 ? { deeper: nested(levels - 1) } : [nested(levels - 1)]
  expect(redact(nested(64), TOKEN)).toEqual(nested(64))
  expect(() => redact(nested(65), TOKEN)).toThrow(RangeError)
})
