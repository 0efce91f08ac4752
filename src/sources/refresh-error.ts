import { namesOf, plainCause } from './redact.js'

export const REFRESH_ERROR_REASONS = [
  'timeout',
  'network',
  'unauthorized',
  'rate_limited',
  'unavailable',
  'rejected',
  'redirected',
  'answer_invalid',
  'answer_too_large',
  'secret_missing',
  'secret_invalid',
  'snapshot_failed',
  'snapshot_invalid',
] as const

/** Why a refresh of the secret failed. */
export type RefreshErrorReason = (typeof REFRESH_ERROR_REASONS)[number]

/** The argument of `onError`. `cause` is the underlying error. It never holds a secret or a token. */
export class RefreshError extends Error {
  declare readonly reason: RefreshErrorReason
  /** Seconds after which the account may be asked again, if its answer says so. */
  declare readonly retryAfter: number | undefined

  constructor(reason: RefreshErrorReason, message: string, cause?: unknown, retryAfter?: number) {
    super(message, cause === undefined ? cause : { cause })
    this.reason = reason
    // The value may come unchecked from a header: a date, or nothing.
    const seconds = Number.parseFloat(String(retryAfter))
    this.retryAfter = seconds >= 0 ? seconds : undefined
    this.name = 'RefreshError'
  }
}

/** Returns a {@link RefreshError} unchanged. From any other error it takes `status` and `retryAfter` of the HTTP answer. The cause never holds a secret. */
export function toRefreshError(error: unknown): RefreshError {
  if (error instanceof RefreshError) {
    if (error.cause !== undefined) error.cause = plainCause(error.cause)
    return error
  }
  const { status, retryAfter } = Object(error)
  const cause = error == null ? undefined : plainCause(error)
  const message = `the secret could not be fetched${namesOf(cause)}: check the fetch function of the source`
  return new RefreshError(reasonOf(status), message, cause, retryAfter)
}

/** The reason for an HTTP status. No status means that there was no answer. */
export function reasonOf(status: number | undefined): RefreshErrorReason {
  if (typeof status !== 'number') return 'network'
  if (status === 401 || status === 403) return 'unauthorized'
  if (status === 429) return 'rate_limited'
  return status >= 500 ? 'unavailable' : 'rejected'
}
