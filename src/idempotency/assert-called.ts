import { refusal } from '../base/errors.js'
import { isContext } from '../base/options.js'

/**
 * Throws `store_unavailable` for the context of a delivery in place of a client or of options: the store's factory was passed on and not called.
 * `call` is how to call it, `needed` one of the options.
 */
export function assertCalled(input: unknown, call: string, needed = ''): void {
  if (!isContext(input, needed)) return
  throw refusal(
    'store_unavailable',
    `idempotency is a function that was not called: write idempotency: ${call}`,
  )
}
