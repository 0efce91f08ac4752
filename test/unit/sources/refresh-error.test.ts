import { describe, expect, it } from '@jest/globals'
import { AccountError } from 'countersign/account'
import { RefreshError, reasonOf, toRefreshError } from '../../../src/sources/refresh-error.js'

describe('refresh errors', () => {
  it.each([
    [undefined, 'network'],
    [400, 'rejected'],
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [404, 'rejected'],
    [429, 'rate_limited'],
    [500, 'unavailable'],
    [503, 'unavailable'],
  ] as const)('status %s is %s', (status, reason) => {
    expect(reasonOf(status)).toBe(reason)
    expect(toRefreshError({ status }).reason).toBe(reason)
  })

  it('leaves a refresh error unchanged, the account client’s included', () => {
    const error = new AccountError('secret_missing', 'none', { status: 200 })
    expect(toRefreshError(error)).toBe(error)
    expect(error).toBeInstanceOf(RefreshError)
  })

  it.each([
    [
      Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } }),
      'the secret could not be fetched (TypeError ECONNREFUSED): check the fetch function of the source',
    ],
    [undefined, 'the secret could not be fetched: check the fetch function of the source'],
  ])('names the kind of %p, and not its words', (thrown, message) => {
    expect(toRefreshError(thrown).message).toBe(message)
  })

  it('keeps the message of any other error, and the error as cause', () => {
    const cause = Object.assign(new Error('busy'), { status: 429, retryAfter: 7 })
    const error = toRefreshError(cause)
    expect(error).toMatchObject({ name: 'RefreshError', reason: 'rate_limited', retryAfter: 7 })
    expect(error.cause).toEqual(cause)
    expect(error.cause).not.toBe(cause)
  })

  it('cleans the cause of a refresh error too, and gives it none that it does not have', () => {
    const cause = Object.assign(new Error('no for wh_MfKQ9r8G'), { config: { token: 'secret' } })
    const cleaned = toRefreshError(new RefreshError('rejected', 'no', cause)).cause
    expect(cleaned).toMatchObject({ message: 'no for [secret]' })
    expect(cleaned).not.toHaveProperty('config')
    const without = new RefreshError('rejected', 'no')
    expect(Object.hasOwn(without, 'cause')).toBe(false)
    expect(Object.hasOwn(toRefreshError(without), 'cause')).toBe(false)
  })

  it.each([
    [7, 7],
    [0, 0],
    [1.5, 1.5],
    ['30', 30],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
    [Number.NaN, undefined],
    [-1, undefined],
    [null, undefined],
    [{}, undefined],
  ])('takes %p as the seconds to wait: %p', (retryAfter, seconds) => {
    expect(toRefreshError({ status: 429, retryAfter }).retryAfter).toBe(seconds)
  })

  it.each([null, undefined, 'text', 0, { reason: 'of my own' }, { status: 'late' }])(
    'makes %p a network error: the reasons are a closed set',
    (thrown) => {
      expect(toRefreshError(thrown).reason).toBe('network')
    },
  )
})
