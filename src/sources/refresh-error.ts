/** Why a refresh of the secret brought nothing usable. */
export type RefreshErrorReason =
  | 'timeout'
  | 'network'
  | 'unauthorized'
  | 'rate_limited'
  | 'unavailable'
  | 'rejected'
  | 'redirected'
  | 'answer_invalid'
  | 'answer_too_large'
  | 'secret_missing'
  | 'secret_invalid'
  | 'snapshot_failed'
  | 'snapshot_invalid'

/** What `onError` is told; `cause` is the error underneath. It never holds a secret or a token. */
export class RefreshError extends Error {
  readonly reason: RefreshErrorReason

  constructor(reason: RefreshErrorReason, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'RefreshError'
    this.reason = reason
  }
}

/** The error itself where it is one already, else its reason from what it carries (`reason`, or an HTTP `status`). */
export function toRefreshError(error: unknown): RefreshError {
  if (error instanceof RefreshError) return error
  const { reason, status } = (error ?? {}) as { reason?: RefreshErrorReason; status?: number }
  return new RefreshError(
    reason ?? reasonOf(status),
    error instanceof Error ? error.message : 'the secret could not be fetched',
    error,
  )
}

/** The reason behind an HTTP status; none at all means that no answer came. */
export function reasonOf(status: number | undefined): RefreshErrorReason {
  if (status === undefined) return 'network'
  if (status === 401 || status === 403) return 'unauthorized'
  if (status === 429) return 'rate_limited'
  return status >= 500 ? 'unavailable' : 'rejected'
}
