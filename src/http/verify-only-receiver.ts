import { thrownHere } from '../base/errors.js'
import { own } from '../base/options.js'
import type { SecretContext, Webhook } from '../delivery/types.js'
import { sharedWarn } from '../verify/warner.js'
import type { Answer } from './answer.js'
import { type AcceptedDelivery, createReceiver, type Receiver } from './receiver.js'
import type { ReceiverOptions } from './receiver-options.js'

/** Options of a function that verifies and leaves the answer to the application. */
export type VerifyOnlyOptions<T, Context> = Omit<ReceiverOptions<T, Context>, 'idempotency'>

/**
 * Creates the receiver of a function that does not answer, such as `verifyRequest`. `name` is the name of that function, for messages.
 * Throws a `TypeError` for an unknown or invalid option, and for `idempotency` and `onReject`, which need an answer.
 */
export function createVerifyOnlyReceiver<T, Context extends SecretContext>(
  options: VerifyOnlyOptions<T, Context>,
  name: string,
): Receiver<T, Context> {
  const { idempotency, onReject }: Record<string, unknown> = own(Object(options))
  if (idempotency || onReject)
    throw new TypeError(
      `${name} does not answer, so it takes no idempotency and no onReject: use webhookHandler, or catch the WebhookError`,
    )
  return createReceiver(options)
}

const receivers = new WeakMap<object, unknown>()

/** The same for a function that gets its options with each request: prepares one receiver for each options object. */
export function receiverFor<T, Context extends SecretContext>(
  options: VerifyOnlyOptions<T, Context>,
  name: string,
): Receiver<T, Context> {
  // The map does not keep T, but the same options always have the same T.
  const known = receivers.get(options) as Receiver<T, Context> | undefined
  if (known) return known
  const { secret, warn, now } = own(Object(options) as typeof options)
  // The receiver refuses options without a secret, and the secret itself in their place.
  if (!secret) return createVerifyOnlyReceiver(options, name)
  // Options that are written inline are new at each call, and so is their receiver.
  const receive = createVerifyOnlyReceiver({ ...options, warn: sharedWarn(warn, now) }, name)
  receivers.set(options, receive)
  return receive
}

/** The webhook of an accepted delivery. Throws the `WebhookError` of a refused delivery, with a stack trace that names the caller, and a `TypeError` for a delivery that was handled before. */
export function webhookOf<T>(outcome: AcceptedDelivery<T> | Answer): Webhook<T> {
  if ('webhook' in outcome) return outcome.webhook
  if (outcome.error) throw thrownHere(outcome.error)
  // Only with `idempotency`. Thrown as it is, `undefined` means "go on" in some frameworks.
  throw new TypeError(
    'the delivery has been handled before: send the answer that the receiver returned',
  )
}
