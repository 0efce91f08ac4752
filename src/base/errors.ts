import type { RefusedDelivery } from './input.js'

/** Every way a delivery can be refused. */
export const ERROR_CODES = [
  'header_missing',
  'header_malformed',
  'timestamp_too_old',
  'timestamp_too_new',
  'signature_mismatch',
  'signature_undecided',
  'payload_invalid',
  'body_too_large',
  'body_encoding_unsupported',
  'body_unavailable',
  'secret_unavailable',
  'delivery_in_progress',
  'store_unavailable',
  'claim_lost',
] as const

/** Every way a delivery can be refused. The set is closed; `docs/troubleshooting.md` has a heading for each. */
export type WebhookErrorCode = (typeof ERROR_CODES)[number]

export interface WebhookErrorOptions {
  /** The underlying error, if there is one. */
  cause?: unknown
  /** Seconds after which the sender should try again. */
  retryAfter?: number | undefined
  /** `true` prints no warning, because the sender can cause this error or another observer has been called with it. Default `false`. */
  quiet?: boolean | undefined
}

// Both are the same in the ESM and the CommonJS copy of the package.
const brand = Symbol.for('countersign')
const attached = Symbol.for('countersign.delivery')

/**
 * Why a delivery was refused. Messages are constant texts: they hold no secret, signature or body.
 *
 * @example
 * ```ts
 * import { isWebhookError } from 'countersign'
 * function statusOf(error: unknown): number {
 *   return isWebhookError(error) && error.code === 'signature_mismatch' ? 401 : 500
 * }
 * ```
 */
export class WebhookError extends Error {
  /** Why the delivery was refused. `docs/troubleshooting.md` has a heading of this name that says what to do. */
  declare readonly code: WebhookErrorCode
  /** Seconds after which the sender should try again. Set only for codes that ask for a retry. */
  declare readonly retryAfter: number | undefined
  /** `true` if no warning is printed for this error. Not enumerable. */
  declare readonly quiet: boolean

  constructor(code: WebhookErrorCode, message: string = code, options?: WebhookErrorOptions) {
    super(message, options)
    this.code = code
    this.retryAfter = options?.retryAfter
    Object.defineProperty(this, 'quiet', { value: options?.quiet === true })
  }

  override get name(): string {
    return 'WebhookError'
  }

  /**
   * The refused delivery, for `diagnose({ ...error.delivery, secret })`. It is set on every error that refused a delivery;
   * it is not enumerable, so no logger prints it.
   */
  get delivery(): RefusedDelivery {
    return Object(this)[attached]?.()
  }

  get [brand](): boolean {
    return true
  }
}

/** Checks for a {@link WebhookError}, including one of another copy of the package (ESM next to CommonJS). */
export function isWebhookError(error: unknown): error is WebhookError {
  return Object(error)[brand] === true
}

/** Attaches the refused delivery to its error. A frozen error stays as it is. */
export function attachDelivery(error: WebhookError, delivery: RefusedDelivery): void {
  // In a function, since console.log's %o prints the values of hidden properties too. An accessor for each error would be expensive.
  Reflect.defineProperty(error, attached, { value: () => delivery, configurable: true })
}

/**
 * The error of a refused delivery, without a stack trace. A verdict is not a bug, and capturing the trace takes longer than
 * accepting a delivery. {@link thrownHere} captures it for the errors that the application gets to see.
 */
export function refusal(
  code: WebhookErrorCode,
  message: string,
  options?: WebhookErrorOptions,
): WebhookError {
  const { stackTraceLimit } = Error
  // No assignments, because they throw if the application has frozen the intrinsics.
  Reflect.set(Error, 'stackTraceLimit', 0)
  const error = new WebhookError(code, message, options)
  Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
  return error
}

/** Captures the stack trace of an error that has none, so that it shows which call of the application was rejected. */
export function thrownHere(error: WebhookError): WebhookError {
  if (error.stack === String(error) && Object.isExtensible(error)) Error.captureStackTrace?.(error)
  return error
}

export function malformed(message: string): WebhookError {
  return refusal('header_malformed', message)
}

/** Turns anything thrown into an error, for frameworks that do not treat `undefined` or a string as a failure. */
export function asError(thrown: unknown): object {
  if (typeof thrown === 'object' && thrown !== null) return thrown
  return new Error('verifying the delivery failed', { cause: thrown })
}
