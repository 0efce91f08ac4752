import { RefreshError, type RefreshErrorReason } from '../sources/refresh-error.js'

export interface AccountErrorOptions {
  status?: number | undefined
  code?: number | undefined
  details?: readonly unknown[] | undefined
  retryAfter?: number | undefined
  cause?: unknown
}

/** A call of the account API that brought no usable answer. Never holds the token or the secret. */
export class AccountError extends RefreshError {
  /** HTTP status; `undefined` where no answer came. */
  readonly status: number | undefined
  /** `google.rpc.Code` from the error's body, where it had one. */
  readonly code: number | undefined
  /** `details` from the error's body. */
  readonly details: readonly unknown[]

  constructor(reason: RefreshErrorReason, message: string, options: AccountErrorOptions = {}) {
    super(reason, message, options.cause, options.retryAfter)
    this.name = 'AccountError'
    this.status = options.status
    this.code = options.code
    this.details = options.details ?? []
  }
}
