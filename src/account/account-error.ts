import { RefreshError, type RefreshErrorReason } from '../sources/refresh-error.js'

export interface AccountErrorOptions {
  status?: number | undefined
  code?: number | undefined
  details?: readonly unknown[] | undefined
  retryAfter?: number | undefined
  cause?: unknown
}

/** Thrown if a call of the account API fails or has no usable answer. Never holds the token or the secret. */
export class AccountError extends RefreshError {
  /** HTTP status; `undefined` if there was no answer. */
  declare readonly status: number | undefined
  /** `google.rpc.Code` from the body of the answer, if it has one. */
  declare readonly code: number | undefined
  /** `details` from the body of the answer; an empty list if it has none. */
  declare readonly details: readonly unknown[]

  constructor(reason: RefreshErrorReason, message: string, options: AccountErrorOptions = {}) {
    super(reason, message, options.cause, options.retryAfter)
    this.name = 'AccountError'
    this.status = options.status
    this.code = options.code
    this.details = options.details ?? []
  }
}
