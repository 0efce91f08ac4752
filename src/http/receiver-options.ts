import type { Awaitable } from '../base/awaitable.js'
import type { WebhookError } from '../base/errors.js'
import { amount, anything, callback, type Option, resolveOptions } from '../base/options.js'
import type { SecretContext, SettledEvent, VerifierOptions } from '../delivery/types.js'
import type { IdempotencyInput } from '../idempotency/store.js'
import { VERIFIER_OPTIONS, type VerifierSettings } from '../verify/verifier-options.js'

/** Options of every adapter. */
export interface ReceiverOptions<T = unknown, Context = SecretContext>
  extends VerifierOptions<T, Context> {
  /** Largest body that is accepted, in bytes. 0 or more. Default 1048576 (1 MiB). */
  maxBodyBytes?: number | undefined
  /** Runs the handler only once per delivery. Takes a store such as `memoryStore()` or `redisStore(client)`, an object with a store and options, or a function of the context that returns either (`({ env }) => …`). */
  idempotency?: IdempotencyInput<Context> | undefined
  /** Called when a claim ends, with `idempotency`. */
  onSettled?: ((event: SettledEvent<Context>) => void) | undefined
}

/** The `onReject` option of an adapter. */
export interface RejectOptions<Arguments extends readonly unknown[], Result = unknown> {
  /** Answers a refused delivery. Called with the error and the framework's own arguments. If it sends and returns nothing, the default answer is sent. */
  onReject?: ((error: WebhookError, ...args: Arguments) => Awaitable<Result>) | undefined
}

/** The options of a receiver with their defaults. */
export type ReceiverSettings<T, Context> = VerifierSettings<T, Context> & {
  readonly maxBodyBytes: number
  readonly idempotency: IdempotencyInput<Context> | undefined
  readonly onSettled: ((event: SettledEvent<Context>) => void) | undefined
}

/** Adds an adapter's own options, which the adapter reads itself. Throws a `TypeError` for an unknown or invalid option. */
export function resolveReceiverOptions<T, Context>(
  options: ReceiverOptions<T, Context>,
  adapterOptions: Readonly<Record<string, Option<unknown>>>,
): ReceiverSettings<T, Context> {
  assertNoRequest(options)
  const settings = resolveOptions(options, {
    ...VERIFIER_OPTIONS,
    maxBodyBytes: amount(1_048_576),
    idempotency: anything<unknown>(),
    onSettled: callback<unknown>(),
    // Called by the adapter, which knows how its framework answers.
    onReject: callback<unknown>(),
    ...adapterOptions,
  })
  // `secret`, `schema` and `idempotency` are taken over from the options unchanged.
  return settings as unknown as ReceiverSettings<T, Context>
}

/** A framework calls an adapter's function with a request if the function itself was passed on, and not what it returns. */
function assertNoRequest(options: object): void {
  if (Object.hasOwn(Object(options), 'secret')) return
  // Fastify calls it with the app.
  const { headers, request, req, addHook } = Object(options)
  // As an option, `headers` is a text or a list.
  const isRequest =
    request || req || addHook || (Object(headers) === headers && !Array.isArray(headers))
  if (!isRequest) return
  throw new TypeError(
    'options must be an object, such as { secret }, not a request: call verifyWebhook({ secret }) or webhookHandler({ secret }, handler), and pass on the result',
  )
}
