import { type Awaitable, andThen, isThenable } from '../base/awaitable.js'
import { type Claim, type ClaimRules, createClaim, storeFailed } from './claim.js'
import type { IdempotencyInput, IdempotencyOptions, IdempotencyStore } from './store.js'

/**
 * The claims of a receiver, over a store that is there from the start or comes from a request's bindings.
 * Throws a `TypeError` for an option that is unknown or wrong; a function that fails makes a delivery `store_unavailable`.
 */
export function createClaimFor<Context extends { readonly env?: unknown }>(
  input: IdempotencyInput<Context>,
  rules: ClaimRules<Context>,
): Claim<Context> {
  if (typeof input !== 'function') return createClaim(input, rules)
  const ask = input
  // Without parameters nothing that it returns can come from a request.
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
    // It is an object, as the line before says.
    const key = bindings as object
    const known = perBindings.get(key)
    if (known) return known
    return andThen(ask(context), (answer) => {
      // Two deliveries may have asked at once: they share what came first.
      const claim = perBindings.get(key) ?? claimOver(answer)
      perBindings.set(key, claim)
      return claim
    })
  }

  return async (report, delivery) => {
    let claim: Claim<Context>
    try {
      const found = claimFor(delivery.context)
      claim = isThenable(found) ? await found : found
    } catch (cause) {
      throw storeFailed(cause)
    }
    return claim(report, delivery)
  }
}
