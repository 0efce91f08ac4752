import { type Awaitable, then } from '../base/awaitable.js'
import { WebhookError } from '../base/errors.js'
import type { Secret, SecretFunction, SecretInput, SecretSource } from '../delivery/types.js'
import { staticSource } from './static.js'

/**
 * One shape for everything the `secret` option accepts: the source to ask for one delivery.
 * Throws a `TypeError` at creation for a secret that cannot be used; what a function returns is looked at when it is called.
 */
export function createSourceFor<Context>(
  secret: SecretInput | SecretFunction<Context>,
  minBytes: number,
): (context: Context) => Awaitable<SecretSource> {
  if (typeof secret !== 'function') {
    const source = toSource(secret, minBytes)
    return () => source
  }
  // Most functions return the same secret (from bindings, say) every time: import it once.
  let last: SecretInput | undefined
  let source: SecretSource
  return (context) =>
    then(secret(context), (input) => {
      if (input === undefined || input === null) throw unavailable('the secret is unavailable')
      // A list can change and stay the same object.
      if (last !== input || typeof input === 'object') source = toSource(input, minBytes)
      last = input
      return source
    })
}

function toSource(input: SecretInput, minBytes: number): SecretSource {
  if (typeof (input as SecretSource | undefined)?.reread === 'function')
    return input as SecretSource
  return staticSource(Array.isArray(input) ? input : [input as Secret], minBytes)
}

/** No usable key now: 503, so that the sender tries again. */
export function unavailable(message: string, cause?: unknown, retryAfter = 5): WebhookError {
  return new WebhookError('secret_unavailable', message, { cause, retryAfter })
}
