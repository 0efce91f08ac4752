import { type Awaitable, andThen } from '../base/awaitable.js'
import {
  isWebhookError,
  refusal,
  type WebhookError,
  type WebhookErrorOptions,
} from '../base/errors.js'
import type { Secret, SecretFunction, SecretInput, SecretSource } from '../delivery/types.js'
import { namesOf, plainCause } from './redact.js'
import { staticSource } from './static-source.js'

/**
 * Turns everything that the `secret` option accepts into a function that returns the source for one delivery.
 * Throws a `TypeError` at creation for an unusable secret. The result of a function is checked when it is called.
 */
export function createSourceFor<Context>(
  secret: SecretInput | SecretFunction<Context>,
  minBytes: number,
): (context: Context) => Awaitable<ArrivedSource> {
  if (typeof secret !== 'function') {
    const source = toSource(secret, minBytes)
    return () => arrived(source)
  }
  // Most functions always return the same secret, for example from bindings, so it is imported once.
  let last: SecretInput | undefined
  let source: SecretSource
  return (context) =>
    andThen(secret(context), (input) => {
      if (input === undefined || input === null) throw unavailable(NOTHING)
      // A list can change although it stays the same object.
      if (last !== input || typeof input === 'object') source = toUsableSource(input, minBytes)
      last = input
      return arrived(source)
    })
}

/** The source for one delivery. */
type ArrivedSource = Pick<SecretSource, 'read' | 'reread'>

function arrived(source: SecretSource): ArrivedSource {
  return source.arrive?.() ?? source
}

const NOTHING =
  'the secret function returned nothing: check the variable, the binding or the tenant that it reads'

function toUsableSource(input: SecretInput, minBytes: number): SecretSource {
  try {
    return toSource(input, minBytes)
  } catch (cause) {
    // This error is our own and never quotes the secret.
    const { message } = cause as Error
    throw unavailable(`the secret function returned something unusable: ${message}`, { cause })
  }
}

function toSource(input: SecretInput, minBytes: number): SecretSource {
  if (typeof (input as SecretSource | undefined)?.reread === 'function')
    return input as SecretSource
  return staticSource([input].flat() as Secret[], minBytes)
}

/** The error of a source's own factory that was passed on as the secret function. `call` is how to call it. */
export function notCalled(call: string): WebhookError {
  return unavailable(`secret is a function that was not called: write secret: ${call}`)
}

/** There is no usable key now. The answer is 503, so that the sender tries again. */
export function unavailable(message: string, options: WebhookErrorOptions = {}): WebhookError {
  return refusal('secret_unavailable', message, { retryAfter: 5, ...options })
}

/** The secret function or the source threw. Its message may hold anything, so only the name and the code of the error are shown. A `WebhookError` is a verdict and stays as it is. */
export function lookupFailed(thrown: unknown): WebhookError {
  if (isWebhookError(thrown)) return thrown
  const cause = plainCause(thrown)
  return unavailable(
    `the secret could not be looked up${namesOf(cause)}: check the secret function or source; onVerdict gets the error as its cause`,
    { cause },
  )
}
