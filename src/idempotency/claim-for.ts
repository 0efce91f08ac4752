import { type Awaitable, andThen, withErrors } from '../base/awaitable.js'
import { isWebhookError } from '../base/errors.js'
import { type Claim, type ClaimRules, createClaim, storeFailed } from './claim.js'
import type { IdempotencyInput, IdempotencyOptions, IdempotencyStore } from './store.js'

/**
 * Creates the claims of a receiver. The store is fixed or comes from a request's bindings.
 * Throws a `TypeError` for an unknown or invalid option. If a function fails, the delivery is refused with `store_unavailable`.
 */
export function createClaimFor<Context extends { readonly env?: unknown }>(
  input: IdempotencyInput<Context>,
  rules: ClaimRules<Context>,
): Claim<Context> {
  if (typeof input !== 'function') return createClaim(input, rules)
  const ask = input
  // A function without parameters cannot depend on a request.
  const always = {}
  const perBindings = new WeakMap<object, Claim<Context>>()
  const perAnswer = new WeakMap<object, Claim<Context>>()

  function claimOver(answer: IdempotencyStore | IdempotencyOptions<Context>): Claim<Context> {
    const claim = perAnswer.get(answer) ?? createClaim(answer, rules)
    perAnswer.set(answer, claim)
    return claim
  }

  function claimFor(context: Context): Awaitable<Claim<Context>> {
    const bindings = ask.length === 0 ? always : context.env
    if (Object(bindings) !== bindings) return andThen(ask(context), claimOver)
    // The line before checks that it is an object.
    const key = bindings as object
    const known = perBindings.get(key)
    if (known) return known
    return andThen(ask(context), (answer) => {
      // Two deliveries may have called it at once. They share the first result.
      const claim = perBindings.get(key) ?? claimOver(answer)
      perBindings.set(key, claim)
      return claim
    })
  }

  return async (report, delivery) => {
    const claim = await withErrors(() => claimFor(delivery.context), toStoreRefusal)
    return claim(report, delivery)
  }
}

/** An error with the same verdict stays, because it says more. */
function toStoreRefusal(error: unknown): unknown {
  return isWebhookError(error) && error.code === 'store_unavailable' ? error : storeFailed(error)
}
