import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { assertPositive, resolveOptions } from '../../../src/base/options.js'
import type { VerifierOptions } from '../../../src/delivery/types.js'
import { createVerifier, VERIFIER_DEFAULTS } from '../../../src/verify.js'
import { SECRET } from '../../support/signing.js'

const wrongNumbers = [NaN, Infinity, -Infinity, -1, -0.001, '300', null, true, {}, 300n]

describe('resolveOptions', () => {
  const now = (): number => 0
  const defaults = { tolerance: 300, parse: 'json', now, onVerdict: undefined, secret: undefined }

  test('fills in defaults, for undefined alone', () => {
    expect(resolveOptions({}, defaults)).toEqual(defaults)
    expect(resolveOptions({ tolerance: undefined }, defaults)).toEqual(defaults)
    expect(resolveOptions({ tolerance: 0 }, defaults)).toEqual({ ...defaults, tolerance: 0 })
    expect(resolveOptions({ tolerance: 0.5 }, defaults)).toEqual({ ...defaults, tolerance: 0.5 })
  })

  test.each(wrongNumbers)('refuses %p for a number and names the option', (tolerance) => {
    expect(() => resolveOptions({ tolerance }, defaults)).toThrow(TypeError)
    expect(() => resolveOptions({ tolerance }, defaults)).toThrow('tolerance')
  })

  test.each([0, 1700000000, 'now', null, {}, new Date()])('refuses %p for a function', (wrong) => {
    expect(() => resolveOptions({ now: wrong }, defaults)).toThrow(TypeError)
    expect(() => resolveOptions({ onVerdict: wrong }, defaults)).toThrow(TypeError)
  })

  test.each([null, 0, ['json'], true])('refuses %p for a word', (parse) => {
    expect(() => resolveOptions({ parse }, defaults)).toThrow(TypeError)
  })

  test('leaves alone what has no default', () => {
    const secret = { any: 'thing' }
    expect(resolveOptions<{ secret: unknown }>({ secret }, defaults).secret).toBe(secret)
  })

  test.each(['tolerence', 'Tolerance', 'constructor', 'toString', '__proto__', ''])(
    'refuses the unknown name %p and says which there are',
    (name) => {
      const options = Object.fromEntries([[name, 1]])
      expect(() => resolveOptions(options, defaults)).toThrow(TypeError)
      expect(() => resolveOptions(options, defaults)).toThrow('tolerance')
    },
  )
})

test('assertPositive', () => {
  expect(() => assertPositive('lease', 0.5)).not.toThrow()
  expect(() => assertPositive('lease', 0)).toThrow('lease')
})

// The options as a user meets them.
describe('VerifierOptions', () => {
  const create = (options: object) => () =>
    createVerifier({ secret: SECRET, ...options } as VerifierOptions)

  test('anything at all makes a verifier or is a TypeError', () => {
    const name = fc.constantFrom(...Object.keys(VERIFIER_DEFAULTS), 'tolerence', 'onReject')
    fc.assert(
      fc.property(fc.dictionary(name, fc.anything()), fc.boolean(), (options, hasSecret) => {
        try {
          create(hasSecret ? { ...options, secret: SECRET } : options)()
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError)
          return
        }
        expect(Object.keys(VERIFIER_DEFAULTS)).toEqual(expect.arrayContaining(Object.keys(options)))
        for (const amount of [options.tolerance ?? 0, options.minSecretBytes ?? 0]) {
          expect(amount).toBeGreaterThanOrEqual(0)
          expect(amount).toBeLessThan(Infinity)
        }
      }),
      { numRuns: 1000 },
    )
  })
  test.each(wrongNumbers)('tolerance %p', (tolerance) => {
    expect(create({ tolerance })).toThrow(TypeError)
  })
  test.each(wrongNumbers)('minSecretBytes %p', (minSecretBytes) => {
    expect(create({ minSecretBytes })).toThrow(TypeError)
  })
  test('minSecretBytes 0 does not let an empty key in', () => {
    expect(create({ secret: new Uint8Array(0), minSecretBytes: 0 })).toThrow(TypeError)
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
