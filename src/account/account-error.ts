import type { RefreshErrorReason } from '../sources/refresh-error.js'

export interface AccountErrorOptions {
  status?: number | undefined
  code?: number | undefined
  details?: readonly unknown[] | undefined
  retryAfter?: number | undefined
  cause?: unknown
}

/** A call of the account API that brought no usable answer. Never holds the token or the secret. */
export class AccountError extends Error {
  /** What kind of failure this is; a closed set. */
  readonly reason: RefreshErrorReason
  /** HTTP status; `undefined` where no answer came. */
  readonly status: number | undefined
  /** `google.rpc.Code` from the error's body, where it had one. */
  readonly code: number | undefined
  /** `details` from the error's body. */
  readonly details: readonly unknown[]
  /** Seconds, from the answer's `Retry-After`. */
  readonly retryAfter: number | undefined

  constructor(reason: RefreshErrorReason, message: string, options: AccountErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'AccountError'
    this.reason = reason
    this.status = options.status
    this.code = options.code
    this.details = options.details ?? []
    this.retryAfter = options.retryAfter
  }
}
