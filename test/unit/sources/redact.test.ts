import { inspect } from 'node:util'
import { expect, test } from '@jest/globals'
import { namesOf, plainCause, redact } from '../../../src/sources/redact.js'

const TOKEN = 'tok"en\\1'

test('the token and secrets are removed at every depth, and the rest stays', () => {
  const body = {
    message: `${TOKEN} and ${TOKEN} and wh_MfKQ9r8G+YqrTwjUPD8/LPZIo2LaLaSw= and whsec_AbC-_.`,
    details: [{ deep: [`Bearer ${TOKEN}`] }, { [TOKEN]: 1, whsk_abc: 2 }, null, 7, true],
  }
  expect(redact(body, TOKEN)).toEqual({
    message: '[token] and [token] and [secret] and [secret].',
    details: [{ deep: ['Bearer [token]'] }, { '[token]': 1, '[secret]': 2 }, null, 7, true],
  })
})

test('a cause keeps messages and code, and no other property of the error', () => {
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
  expect(plainCause({ code: `E_${TOKEN}` }, TOKEN)).not.toHaveProperty('code')
})

test.each([undefined, null, 'no', 7, {}])('%p is a cause without words', (thrown) => {
  expect(plainCause(thrown, TOKEN)).toMatchObject({ message: '' })
})

test('64 levels are looked through, 65 are not; brackets in texts are no levels', () => {
  const nested = (levels: number): unknown =>
    levels === 0 ? '[[{"\\' : levels % 2 ? { deeper: nested(levels - 1) } : [nested(levels - 1)]
  expect(redact(nested(64), TOKEN)).toEqual(nested(64))
  expect(() => redact(nested(65), TOKEN)).toThrow(RangeError)
  expect(() => redact(nested(65), TOKEN)).toThrow('the answer is nested too deeply')
})

test('values next to each other are no levels', () => {
  const wide = Array.from({ length: 100 }, () => ({ list: [[]] }))
  expect(redact(wide, TOKEN)).toEqual(wide)
})

test.each([
  ["open 'the file' failed", 'open … failed'],
  ['open `all of it` (from "a vault") failed', 'open … (from … failed'],
  [
    'Words, codes: 503! (EACCES), ETIMEDOUT; "GET" NOT_FOUND?',
    'Words, codes: 503! (EACCES), ETIMEDOUT; … NOT_FOUND?',
  ],
  ['port 65535 of abcdefghijklmnopqrst', 'port 65535 of abcdefghijklmnopqrst'],
  ['no answer (): nothing', 'no answer (): nothing'],
  // Each of them may be a part of a key.
  ['number 123456 is wrong', 'number … is wrong'],
  ['text abcdefghijklmnopqrstu is wrong', 'text … is wrong'],
  ['text aBcdef is wrong', 'text … is wrong'],
  ['text ABCDE is wrong', 'text … is wrong'],
  ['text EABCDEFGHIJKLMNOPQRST is wrong', 'text … is wrong'],
  ['text A_ is wrong, _A too', 'text … is wrong, … too'],
  ['text abc/def is wrong', 'text … is wrong'],
  ['text ab/c is wrong', 'text … is wrong'],
  ['text a1b2 is wrong', 'text … is wrong'],
  ['text E123 is wrong', 'text … is wrong'],
  ['text ab_CD is wrong', 'text … is wrong'],
  ['text AB_cd is wrong', 'text … is wrong'],
  ['text +-/= is wrong', 'text … is wrong'],
  ['read a1b2 c3d4 e5f6 a7b8 then nothing', 'read … then nothing'],
  ['  DNS  of ERR_INVALID_URL: \n HTTP ', 'DNS of ERR_INVALID_URL: HTTP'],
  ['(refused) "(token)" for wh_MfKQ9r8G.', '(refused) … for [secret].'],
  ["'a quoted text' of ('another one of it') failed", '… of … failed'],
  // An apostrophe begins no quotation.
  ["the vault's host can't be reached", 'the … host … be reached'],
  ['read 4f5a6b7c8d 8d9e0f1a2b then nothing', 'read … then nothing'],
])('of the message %p, only plain words are left: %p', (message, expected) => {
  expect(plainCause({ message }).message).toBe(expected)
})

test.each([
  ['TypeError', 'TypeError'],
  ['DOMException', 'DOMException'],
  ['ErrorMfKQ', 'Error'],
  ['MfKQ Error', 'Error'],
  [`${'A'.repeat(41)}Error`, 'Error'],
  [7, 'Error'],
  [['TypeError'], 'Error'],
])('of the name %p, %p is left', (name, expected) => {
  expect(plainCause({ name }).name).toBe(expected)
})

test.each([
  ['ECONNREFUSED', 'ECONNREFUSED'],
  ['ERR_INVALID_URL', 'ERR_INVALID_URL'],
  // PostgreSQL's: https://www.postgresql.org/docs/current/errcodes-appendix.html
  ['57P01', '57P01'],
  ['57P012', undefined],
  ['A57P01', undefined],
  ['ECONNREFUSEd', undefined],
  ['_ERR', undefined],
  ['Eabc', undefined],
  ['5abcd', undefined],
  ['xAB12', undefined],
  ['57P0', undefined],
  ['E', undefined],
  ['E'.repeat(42), undefined],
  [57, undefined],
  [['EPIPE'], undefined],
])('of the code %p, %p is left', (code, expected) => {
  expect(plainCause({ code }).code).toBe(expected)
})

test('a status is a number; anything else is none', () => {
  expect(plainCause({ status: 0 }).status).toBe(0)
  expect(plainCause({ status: '503' })).not.toHaveProperty('status')
})

test('a very long message is cut', () => {
  const { message } = plainCause({ message: 'word '.repeat(100_000) })
  expect(message).toBe('word '.repeat(200).trim())
})

const CANARY = 'wh_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const leaks: Record<string, unknown> = {
  'a JSON parser': attempt(() => JSON.parse(CANARY)),
  'a JSON parser of a long text': attempt(() =>
    JSON.parse(`{"secret": ${CANARY}, "more": ${'x'.repeat(99)}}`),
  ),
  'a JSON parser of bare base64': attempt(() => JSON.parse(CANARY.slice(3))),
  'an HTTP client': Object.assign(new Error('401'), {
    config: { headers: { authorization: CANARY } },
  }),
  'words around it': new Error(`permission denied for ${CANARY} (Bearer ${CANARY})`),
  'half of it': new Error(`the vault said ${CANARY.slice(0, 12)}`),
  'a name': Object.assign(new Error('x'), { name: CANARY }),
  'a code': Object.assign(new Error('x'), { code: CANARY }),
  'a cause': new Error('x', { cause: new Error(CANARY) }),
  'an array of errors': new AggregateError([new Error(CANARY)], CANARY),
  'a redis client': Object.assign(new Error('READONLY'), { command: { args: [CANARY] } }),
  text: CANARY,
  'a thrown object': { message: CANARY, toString: () => CANARY },
}

function attempt(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}

test.each(Object.entries(leaks))('no part of a secret is in what is left of %s', (_, thrown) => {
  const text = inspect(plainCause(thrown), { depth: 9, showHidden: true })
  for (const part of [CANARY.slice(3, 8), CANARY.slice(3, 7), CANARY.slice(8, 14)])
    expect(text).not.toContain(part)
})

test('the parts that help to find the fault stay: name, plain words, code, status, and the place in the code', () => {
  const cause = Object.assign(new Error('getaddrinfo ENOTFOUND vault.internal'), {
    code: 'ENOTFOUND',
  })
  const plain = plainCause(Object.assign(new TypeError('fetch failed', { cause }), { status: 503 }))
  expect(plain).toMatchObject({
    name: 'TypeError',
    message: 'fetch failed: getaddrinfo ENOTFOUND …',
    code: 'ENOTFOUND',
    status: 503,
  })
  expect(plain.stack).toMatch(/redact\.test/)
})

test('of a stack, only the places in the code stay, without a secret or the token', () => {
  const stack = `Error: look at MfKQ9r8G\n at first (a.js:1:2)\n    at ${CANARY} (${TOKEN}.js:3:4)`
  expect(plainCause({ message: 'no', stack }, TOKEN).stack).toBe(
    'Error: no\n at first (a.js:1:2)\n    at [secret] ([token].js:3:4)',
  )
})

test('an error without a stack gets none of the place where it is cleaned', () => {
  expect(plainCause({ message: 'no' }).stack).toBe('Error: no')
})

test.each([
  [undefined, ''],
  [new TypeError('no'), ' (TypeError)'],
  [Object.assign(new Error('no'), { code: 'EPIPE' }), ' (Error EPIPE)'],
])('the names of %p are %p', (cause, expected) => {
  expect(namesOf(cause)).toBe(expected)
})

test('an error that is cleaned twice keeps all of this', () => {
  const cause = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })
  const plain = plainCause(
    Object.assign(new TypeError('fetch of "vault" failed', { cause }), { status: 503 }),
  )
  const { name, message, stack, code, status } = plain
  expect(message).toBe('fetch of … failed: getaddrinfo ENOTFOUND')
  expect(plainCause(plain)).toMatchObject({ name, message, stack, code, status })
})
