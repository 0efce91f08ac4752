import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import { describe, expect, jest, test } from '@jest/globals'
import {
  attachDelivery,
  isWebhookError,
  malformed,
  WebhookError,
} from '../../../src/base/errors.js'

describe('WebhookError', () => {
  test('is an Error with a code', () => {
    const error = new WebhookError('signature_mismatch', 'no signature matches')
    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe('WebhookError')
    expect(error.code).toBe('signature_mismatch')
    expect(error.message).toBe('no signature matches')
    expect(error.stack).toContain('no signature matches')
    expect(String(error)).toBe('WebhookError: no signature matches')
  })

  test('has the code as its message if none is given', () => {
    expect(new WebhookError('header_missing').message).toBe('header_missing')
  })

  test('carries cause and retryAfter if they are given', () => {
    const cause = new Error('down')
    const error = new WebhookError('secret_unavailable', 'x', { cause, retryAfter: 5 })
    expect(error.cause).toBe(cause)
    expect(error.retryAfter).toBe(5)
    const plain = new WebhookError('secret_unavailable')
    expect(plain.cause).toBeUndefined()
    expect(plain.retryAfter).toBeUndefined()
  })

  test('prints its code', () => {
    expect(inspect(new WebhookError('header_missing', 'x'))).toContain('header_missing')
  })
})

describe('isWebhookError', () => {
  test('knows one made by another copy of the package', () => {
    let copy: typeof import('../../../src/base/errors.js') | undefined
    jest.isolateModules(() => {
      copy = require('../../../src/base/errors')
    })
    const error = copy && new copy.WebhookError('header_missing')
    expect(copy?.WebhookError).not.toBe(WebhookError)
    expect(isWebhookError(error)).toBe(true)
    expect(copy?.isWebhookError(new WebhookError('header_missing'))).toBe(true)
  })

  test('an error of another copy gets the refused delivery, too', () => {
    const delivery = { headers: {}, body: 'body' }
    let error: WebhookError | undefined
    jest.isolateModules(() => {
      error = new (require('../../../src/base/errors').WebhookError)('header_missing')
    })
    expect(error?.delivery).toBeUndefined()
    if (error) attachDelivery(error, delivery)
    expect(error?.delivery).toBe(delivery)
  })

  test('knows a subclass', () => {
    class TenantError extends WebhookError {}
    expect(isWebhookError(new TenantError('header_missing'))).toBe(true)
  })

  test.each([
    undefined,
    null,
    '',
    'header_missing',
    0,
    {},
    [],
    new Error('header_missing'),
    { name: 'WebhookError', code: 'header_missing', message: 'x' },
    JSON.parse('{"code":"header_missing","countersign":true,"@@countersign":true}'),
    runInNewContext('new Error("x")'),
  ])('%p is none', (value) => {
    expect(isWebhookError(value)).toBe(false)
  })
})

test('malformed has its code', () => {
  expect(malformed('the id is empty')).toMatchObject({
    code: 'header_malformed',
    message: 'the id is empty',
  })
})
