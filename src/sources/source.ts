import { type Awaitable, isThenable, then } from '../awaitable.js'
import { isWebhookError, WebhookError } from '../errors.js'
import type { Secret, SecretFunction, SecretInput, SecretSource } from '../types.js'
import { staticSource } from './static.js'

/** The source to ask for one delivery. */
export type SourceFor<Context> = (context: Context) => Awaitable<SecretSource>

/**
 * One shape for everything the `secret` option accepts.
 * Throws a `TypeError` at creation; a function's failure becomes `secret_unavailable` when it is called.
 */
export function createSourceFor<Context>(
  secret: SecretInput | SecretFunction<Context>,
  minBytes?: number,
): SourceFor<Context> {
  if (typeof secret !== 'function') {
    const source = toSource(secret, minBytes)
    return () => source
  }
  let last: { input: SecretInput; source: SecretSource } | undefined
  // Most functions return the same secret (from bindings, say) every time: import it once.
  const found = (input: SecretInput | null | undefined): SecretSource => {
    if (input === undefined || input === null) throw unavailable('the secret function found none')
    if (last?.input !== input) last = { input, source: toSource(input, minBytes) }
    return last.source
  }
  return (context) => attempt(() => then(secret(context), found))
}

function toSource(input: SecretInput, minBytes: number | undefined): SecretSource {
  if (isSource(input)) return input
  return staticSource(Array.isArray(input) ? input : [input as Secret], minBytes)
}

function isSource(input: SecretInput): input is SecretSource {
  return typeof input === 'object' && input !== null && 'read' in input && 'reread' in input
}

/** Turns whatever fails into `secret_unavailable`; a `WebhookError` is the thrower's own verdict and stays. */
export function attempt<T>(read: () => Awaitable<T>): Awaitable<T> {
  try {
    const result = read()
    return isThenable(result) ? result.then(undefined, rethrow) : result
  } catch (error) {
    return rethrow(error)
  }
}

function rethrow(error: unknown): never {
  throw isWebhookError(error) ? error : unavailable('the secret could not be had', error)
}

/** No usable key now: 503, so that the sender tries again. */
export function unavailable(message: string, cause?: unknown, retryAfter = 5): WebhookError {
  return new WebhookError('secret_unavailable', message, { cause, retryAfter })
}
