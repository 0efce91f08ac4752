import { describe, expect, test } from '@jest/globals'
import { callable, choice, number, resolveOptions, seconds } from '../../src/options.js'
import type { VerifierOptions } from '../../src/types.js'
import { createVerifier } from '../../src/verify.js'
import { SECRET } from '../signing.js'

const wrongNumbers = [NaN, Infinity, -Infinity, -1, -0.001, '300', null, true, {}, 300n]

describe('rules', () => {
  test.each(wrongNumbers)('number refuses %p', (value) => {
    expect(() => number(300)(value, 'tolerance')).toThrow(TypeError)
    expect(() => number(300)(value, 'tolerance')).toThrow('tolerance')
  })

  test('number keeps 0 and fractions, and has a default for undefined alone', () => {
    expect(number(300)(0, 'x')).toBe(0)
    expect(number(300)(0.5, 'x')).toBe(0.5)
    expect(number(300)(undefined, 'x')).toBe(300)
    expect(() => number(24, 1)(0, 'x')).toThrow(TypeError)
  })

  test('seconds become milliseconds', () => {
    expect(seconds(5)(undefined, 'x')).toBe(5000)
    expect(seconds(5)(0.25, 'x')).toBe(250)
    expect(seconds(5)(0, 'x')).toBe(0)
    expect(() => seconds(5)(NaN, 'x')).toThrow(TypeError)
  })

  test('callable', () => {
    const given = (): number => 1
    expect(callable(Date.now)(undefined, 'now')).toBe(Date.now)
    expect(callable()(undefined, 'now')).toBeUndefined()
    expect(callable(Date.now)(given, 'now')).toBe(given)
    for (const wrong of [0, 1700000000, 'now', null, {}, new Date()]) {
      expect(() => callable(Date.now)(wrong, 'now')).toThrow(TypeError)
    }
  })

  test('choice takes the first where nothing is said', () => {
    expect(choice('json', 'none')(undefined, 'parse')).toBe('json')
    expect(choice('json', 'none')('none', 'parse')).toBe('none')
    for (const wrong of ['JSON', '', null, 0, ['json']]) {
      expect(() => choice('json', 'none')(wrong, 'parse')).toThrow(TypeError)
    }
  })
})

describe('resolveOptions', () => {
  const rules = { tolerance: number(300) }

  test('fills in defaults', () => {
    expect(resolveOptions({}, rules)).toEqual({ tolerance: 300 })
    expect(resolveOptions({ tolerance: 0 }, rules)).toEqual({ tolerance: 0 })
  })

  test.each(['tolerence', 'Tolerance', 'constructor', 'toString', '__proto__', ''])(
    'refuses the unknown name %p and says which there are',
    (name) => {
      const options = Object.fromEntries([[name, 1]])
      expect(() => resolveOptions(options, rules)).toThrow(TypeError)
      expect(() => resolveOptions(options, rules)).toThrow('tolerance')
    },
  )
})

// The options as a user meets them.
describe('VerifierOptions', () => {
  const create = (options: object) => () =>
    createVerifier({ secret: SECRET, ...options } as VerifierOptions)

  test.each(wrongNumbers)('tolerance %p', (tolerance) => {
    expect(create({ tolerance })).toThrow(TypeError)
  })
  test.each([...wrongNumbers, 0, 0.5])('minSecretBytes %p', (minSecretBytes) => {
    expect(create({ minSecretBytes })).toThrow(TypeError)
  })
  test.each([
    'x-',
    '',
    null,
    [],
    ['id', 'timestamp'],
    ['a', 'b', 'c', 'd'],
    ['id', 'timestamp', ''],
    ['id', 'timestamp', 3],
    { id: 'id' },
  ])('headers %p', (headers) => {
    expect(create({ headers })).toThrow(TypeError)
  })
  test.each(['xml', 'JSON', null, true])('parse %p', (parse) => {
    expect(create({ parse })).toThrow(TypeError)
  })
  test.each([null, {}, 'zod', () => true, { '~standard': {} }, { '~standard': { validate: 1 } }])(
    'schema %p',
    (schema) => {
      expect(create({ schema })).toThrow(TypeError)
    },
  )
  test('a schema has nothing to look at where nothing is parsed', () => {
    const schema = { '~standard': { version: 1, vendor: 'x', validate: () => ({ value: 1 }) } }
    expect(create({ schema, parse: 'none' })).toThrow(TypeError)
    expect(create({ schema })).not.toThrow()
  })
  test.each([1700000000, null, new Date(), 'now'])('now %p', (now) => {
    expect(create({ now })).toThrow(TypeError)
  })
  test.each([null, {}, 'console.log'])('onVerdict %p', (onVerdict) => {
    expect(create({ onVerdict })).toThrow(TypeError)
  })
  test.each(['secrets', 'tolerence', 'maxBodyBytes', 'idempotency', 'toString'])(
    'unknown option %s',
    (name) => {
      expect(create({ [name]: undefined })).toThrow(TypeError)
    },
  )
  test.each([undefined, null, 'wh_', 3, []])('options %p', (options) => {
    expect(() => createVerifier(options as unknown as VerifierOptions)).toThrow(TypeError)
  })
  test('an option that is undefined takes its default', () => {
    const nothing = {
      tolerance: undefined,
      headers: undefined,
      schema: undefined,
      parse: undefined,
      now: undefined,
      onVerdict: undefined,
      minSecretBytes: undefined,
    }
    expect(create(nothing)).not.toThrow()
  })
})
