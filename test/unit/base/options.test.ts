import { describe, expect, test } from '@jest/globals'
import { verifyWebhook as express } from 'countersign/express'
import { verifyWebhook as fastify } from 'countersign/fastify'
import { webhookHandler as fetch } from 'countersign/fetch'
import { verifyWebhook as hono } from 'countersign/hono'
import { verifyWebhook as koa } from 'countersign/koa'
import { webhookHandler as lambda } from 'countersign/lambda'
import { verifyWebhook as node } from 'countersign/node'
import fc from 'fast-check'
import {
  amount,
  anything,
  callback,
  flag,
  oneOf,
  own,
  positive,
  resolveOptions,
  text,
} from '../../../src/base/options.js'
import type { VerifierOptions } from '../../../src/delivery/types.js'
import { createReceiver } from '../../../src/http/index.js'
import { createSigner } from '../../../src/sign.js'
import {
  duplicatedRequest,
  futureRequest,
  rotatedRequest,
  signedRequest,
  staleRequest,
  tamperedRequest,
  wrongKeyRequest,
} from '../../../src/testing/index.js'
import { VERIFIER_OPTIONS } from '../../../src/verify/verifier-options.js'
import { createVerifier } from '../../../src/verify.js'
import { SECRET } from '../../support/signing.js'

const wrongNumbers = [NaN, Infinity, -Infinity, -1, -0.001, '300', null, true, {}, 300n]

describe('resolveOptions', () => {
  const now = (): number => 0
  const table = {
    tolerance: amount(300),
    lease: positive(60),
    key: text('a key'),
    warm: flag(),
    parse: oneOf('json', 'none'),
    now: callback(now),
    onVerdict: callback(),
    secret: anything<unknown>(undefined),
  }
  const defaults = { tolerance: 300, lease: 60, key: 'a key', parse: 'json', now }
  const resolve = (options: object) => resolveOptions(options, table)

  test('fills in defaults, for undefined alone', () => {
    expect(resolve({})).toEqual(defaults)
    expect(resolve({ tolerance: undefined })).toEqual(defaults)
    expect(resolve({ tolerance: 0 })).toEqual({ ...defaults, tolerance: 0 })
    expect(resolve({ tolerance: 0.5, warm: false })).toEqual({
      ...defaults,
      tolerance: 0.5,
      warm: false,
    })
  })

  const wrong: Record<string, readonly unknown[]> = {
    tolerance: wrongNumbers,
    lease: [...wrongNumbers, 0],
    key: [null, 3, {}, ['key']],
    warm: [null, 0, 1, 'true', {}],
    parse: [null, 0, ['json'], true, 'JSON', 'toString', ''],
    now: [0, 1700000000, 'now', null, {}, new Date()],
    onVerdict: [null, {}, 'console.log'],
  }
  test.each(Object.entries(wrong))('refuses what is no %s, and names it', (name, values) => {
    for (const value of values) {
      expect(() => resolve({ [name]: value })).toThrow(TypeError)
      expect(() => resolve({ [name]: value })).toThrow(new RegExp(`^${name} must be .+, not .+`))
    }
  })

  test('a message never quotes text, which may be a secret in the wrong place', () => {
    expect(() => resolve({ tolerance: 'wh_secret' })).toThrow(
      'tolerance must be a finite number from 0 on, not a value of type string',
    )
    expect(() => resolve({ parse: 'xml' })).toThrow("parse must be 'json' or 'none'")
  })

  const bytes = new Uint8Array([119, 104])
  test.each<[unknown, string]>([
    ['whsec_c2VjcmV0', 'a value of type string'],
    [undefined, 'undefined'],
    [null, 'null'],
    [['whsec_c2VjcmV0'], 'an array'],
    [300, '300'],
    [bytes, 'a value of type object'],
    [() => 'whsec_c2VjcmV0', 'a value of type function'],
    [true, 'a value of type boolean'],
  ])('%p in place of the options is a TypeError that shows none of it', (given, what) => {
    expect(() => resolve(given as object)).toThrow(
      new TypeError(`options must be an object, such as { tolerance }, not ${what}`),
    )
  })

  test('leaves alone what its owner checks', () => {
    const secret = { any: 'thing' }
    expect(resolve({ secret }).secret).toBe(secret)
  })

  test.each(['tolerence', 'Tolerance', 'constructor', 'toString', '__proto__', ''])(
    'refuses the unknown name %p and lists every option there is',
    (name) => {
      const options = Object.fromEntries([[name, 1]])
      expect(() => resolve(options)).toThrow(TypeError)
      expect(() => resolve(options)).toThrow(Object.keys(table).join(', '))
    },
  )

  test('reads own properties alone', () => {
    const polluted = Object.create({ tolerance: 1, secret: 'theirs', unknown: 1 })
    expect(resolve(polluted)).toEqual(defaults)
    expect(own(polluted).secret).toBeUndefined()
    expect(own({ secret: 'mine' })).toEqual({ secret: 'mine' })
    expect('toString' in resolve({})).toBe(false)
  })
})

const creators = {
  createVerifier,
  createSigner,
  createReceiver,
  express,
  hono,
  fetch,
  fastify,
  koa,
  lambda,
  node,
} as unknown as Record<string, (options?: unknown, handler?: () => void) => unknown>
const requests = {
  signedRequest,
  staleRequest,
  futureRequest,
  tamperedRequest,
  wrongKeyRequest,
  rotatedRequest,
  duplicatedRequest,
} as unknown as Record<string, (options?: unknown) => Promise<unknown>>

describe.each([SECRET, undefined, null, [SECRET]])('%p in place of the options', (given) => {
  const message = /^options must be an object, such as \{ secret \}, not (?!.*wh)/
  test.each(Object.keys(creators))('of %s', (name) => {
    expect(() => creators[name]?.(given, () => {})).toThrow(message)
  })
  test.each(Object.keys(requests))('of %s', async (name) => {
    await expect(requests[name]?.(given)).rejects.toThrow(message)
  })
})

// The options as a user meets them.
describe('VerifierOptions', () => {
  const create = (options: object) => () =>
    createVerifier({ secret: SECRET, ...options } as VerifierOptions)

  test('anything at all makes a verifier or is a TypeError', () => {
    const name = fc.constantFrom(...Object.keys(VERIFIER_OPTIONS), 'tolerence', 'onReject')
    fc.assert(
      fc.property(fc.dictionary(name, fc.anything()), fc.boolean(), (options, hasSecret) => {
        try {
          create(hasSecret ? { ...options, secret: SECRET } : options)()
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError)
          return
        }
        expect(Object.keys(VERIFIER_OPTIONS)).toEqual(expect.arrayContaining(Object.keys(options)))
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
  test('a schema has nothing to check if nothing is parsed', () => {
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
