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

  it('leaves an error of its own kind as it is, the account client’s included', () => {
    const error = new AccountError('secret_missing', 'none', { status: 200 })
    expect(toRefreshError(error)).toBe(error)
    expect(error).toBeInstanceOf(RefreshError)
  })

  it('keeps what somebody else’s error says, and the error as cause', () => {
    const cause = Object.assign(new Error('busy'), { status: 429, retryAfter: 7 })
    const error = toRefreshError(cause)
    expect(error).toMatchObject({ name: 'RefreshError', reason: 'rate_limited', retryAfter: 7 })
    expect(error.cause).toBe(cause)
  })

  it.each([null, undefined, 'text', 0, { reason: 'of my own' }, { status: 'late' }])(
    'makes %p a network error: the reasons are a closed set',
    (thrown) => {
      expect(toRefreshError(thrown).reason).toBe('network')
    },
  )
})
