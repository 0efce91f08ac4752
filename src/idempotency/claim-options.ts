import {
  amount,
  anything,
  callback,
  found,
  type OptionTable,
  oneOf,
  positive,
  resolveOptions,
} from '../base/options.js'
import { randomUuid } from '../base/platform.js'
import { withTimers } from '../base/timers.js'
import type { IdempotencyOptions, IdempotencyStore } from './store.js'

const OPTIONS = withTimers({
  store: anything<IdempotencyStore>(),
  lease: positive(60),
  ttl: amount(432_000),
  scope: anything<IdempotencyOptions<unknown>['scope']>(),
  onStoreError: oneOf('refuse', 'process'),
  onError: callback<(error: unknown) => void>(),
  token: callback(randomUuid),
}) satisfies OptionTable<IdempotencyOptions<unknown>>

/** The options of a claim with their defaults. Throws a `TypeError` for an unknown or invalid option. */
export function resolveClaimOptions<Context>(
  input: IdempotencyStore | IdempotencyOptions<Context>,
  tolerance: number,
) {
  // What is not an object at all is meant as a store, and refused as one.
  const isStore = Object(input) !== input || 'claim' in input
  const settings = resolveOptions(isStore ? { store: input } : input, OPTIONS)
  // A timestamp from the future stays fresh for twice the tolerance.
  const ttl = Math.max(settings.ttl, 2 * tolerance)
  return { ...settings, ttl, store: parseStore(settings.store) }
}

function parseStore(store: IdempotencyStore | undefined): IdempotencyStore {
  const methods = ['claim', 'commit', 'release'] as const
  const missing = methods.filter((name) => typeof store?.[name] !== 'function')
  if (store && !missing.length) return store
  throw new TypeError(
    `an idempotency store must have claim(), commit() and release(), and this has no ${missing.join('() and no ')}(): use memoryStore() or redisStore(client)`,
  )
}

export function assertText(scope: unknown): void {
  if (typeof scope === 'string') return
  throw new TypeError(`scope must be a string, or a function that returns one, not ${found(scope)}`)
}
