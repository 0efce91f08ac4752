import type { Awaitable } from '../base/awaitable.js'
import { callback, flag, type OptionTable, positive, resolveOptions } from '../base/options.js'
import type { IdempotencyStore } from '../idempotency/store.js'
import { STORE_CASES } from './store-cases.js'
import { agreesWithMemory } from './store-schedule.js'
import { createStoreTrial } from './store-trial.js'

/** One rule that a store must follow. */
export interface StoreCase {
  readonly name: string
  /** Rejects with an `Error` that says what was expected and what the store answered. */
  run(): Promise<void>
}

/** Options of {@link storeContract}. */
export interface StoreContractOptions {
  /** Lets this many seconds pass for the store. By default the case really waits; hand in the clock's own `advance` if the store has a clock. */
  wait?: ((seconds: number) => Awaitable<unknown>) | undefined
  /** Seconds of the leases that run out during a case. The default of 0.2 suits stores that answer within a few milliseconds. */
  lease?: number | undefined
  /** `true` if the store keeps the digest of the body: then it must return it from `claim`. Default `false`: it may ignore it, but not return another one. */
  digest?: boolean | undefined
  /** How many random steps the last case plays against the store and against `memoryStore` alike. Default 60. */
  steps?: number | undefined
}

const OPTIONS = {
  wait: callback(
    (seconds: number): Awaitable<unknown> =>
      new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
  ),
  lease: positive(0.2),
  digest: flag(),
  steps: positive(60),
} satisfies OptionTable<StoreContractOptions>

/**
 * The rules of an idempotency store as cases for any test framework: for people who write a store of their own.
 * Each case asks `createStore` for a store and uses keys that no other case uses, so all of them may share one server or table.
 *
 * Throws a `TypeError` for an unknown or invalid option.
 *
 * @example
 * ```ts
 * import { test } from '@jest/globals'
 * import { memoryStore } from 'countersign'
 * import { storeContract } from 'countersign/testing'
 * for (const { name, run } of storeContract(() => memoryStore())) test(name, run)
 * ```
 */
export function storeContract(
  createStore: () => Awaitable<IdempotencyStore>,
  options: StoreContractOptions = {},
): readonly StoreCase[] {
  if (typeof createStore !== 'function') {
    throw new TypeError(
      'createStore must be a function that returns a store: storeContract(() => memoryStore()), not the store itself',
    )
  }
  const settings = resolveOptions(options, OPTIONS)
  const cases = Object.entries({
    ...STORE_CASES,
    'answers as memoryStore does, whatever is asked in whatever order': agreesWithMemory,
  })
  return cases.map(([name, check]) => ({
    name,
    run: async () => check(createStoreTrial(await createStore(), settings), settings.steps),
  }))
}
