import { toMilliseconds } from '../base/milliseconds.js'
import { type OptionTable, positive, resolveOptions } from '../base/options.js'
import { type Timers, withTimers } from '../base/timers.js'
import { assertCalled } from '../idempotency/assert-called.js'
import type { ClaimResult, IdempotencyStore } from '../idempotency/store.js'
import { assertBinding, type DurableObjectBinding } from './bindings.js'
import type { Question } from './delivery-store.js'
import { inTime } from './in-time.js'

/** Options of {@link durableObjectStore}. */
export interface DurableObjectStoreOptions {
  /** Number of objects that share the deliveries. One object handles some hundred deliveries a second. If you change it, deliveries that were handled before look new. Default 1. */
  shards?: number | undefined
  /** Longest time for one operation, in seconds. Default 5. */
  timeout?: number | undefined
  /** Default: the platform's timers. */
  setTimeout?: Timers['setTimeout'] | undefined
  clearTimeout?: Timers['clearTimeout'] | undefined
}

const OPTIONS = withTimers({
  shards: positive(1),
  timeout: positive(5),
}) satisfies OptionTable<DurableObjectStoreOptions>

/**
 * Remembers deliveries in a Durable Object of the class {@link DeliveryStore}, for Workers all over the world. Each operation is one request to the
 * object, which is atomic and durable before it is answered. Rows expire by the object's clock.
 *
 * Throws a `TypeError` for a missing binding, and for an unknown or invalid option.
 *
 * @example
 * ```ts
 * import { durableObjectStore } from 'countersign/cloudflare'
 * import { webhookHandler } from 'countersign/fetch'
 * import { env } from 'cloudflare:workers'
 *
 * export { DeliveryStore } from 'countersign/cloudflare'
 * export default {
 *   fetch: webhookHandler(
 *     { secret: env.WEBHOOK_SECRET, idempotency: durableObjectStore(env.DELIVERIES) },
 *     ({ id }) => console.log(id),
 *   ),
 * }
 * ```
 */
export function durableObjectStore(
  binding: DurableObjectBinding,
  options: DurableObjectStoreOptions = {},
): IdempotencyStore {
  assertCalled(binding, '(c) => durableObjectStore(c.env.DELIVERIES)')
  const settings = resolveOptions(options, OPTIONS)
  assertBinding(binding, 'a Durable Object namespace', 'idFromName', 'get')
  if (!Number.isInteger(settings.shards))
    throw new TypeError(`shards must be a whole number from 1 on, not ${settings.shards}`)

  function ask(question: Question): Promise<ClaimResult | boolean> {
    const name = `shard ${hash(question.key) % settings.shards}`
    const body = JSON.stringify(question)
    return inTime(settings, 'the Durable Object', () => {
      // The id comes from this binding. A stub that has failed once is broken, so each attempt gets a new one.
      const stub = binding.get(binding.idFromName(name) as never)
      return stub.fetch('https://countersign/', { method: 'POST', body }).then(readAnswer)
    })
  }

  return {
    async claim(key, { token, lease, digest }) {
      const duration = toMilliseconds(lease)
      // A claim is never answered with a boolean. The caller checks that the state is known.
      return (await ask({ operation: 'claim', key, token, duration, digest })) as ClaimResult
    },
    async commit(key, { token, ttl, digest }) {
      const duration = toMilliseconds(ttl)
      return (await ask({ operation: 'commit', key, token, duration, digest })) === true
    },
    release: (key, { token }) => ask({ operation: 'release', key, token, duration: 0 }),
  }
}

/** The binding may lead to another class. Its answers must not count as a claim or a commit. */
async function readAnswer(response: Response): Promise<ClaimResult | boolean> {
  const answer: unknown = await response.json().catch(() => undefined)
  if (typeof answer === 'boolean' || typeof Object(answer).state === 'string') {
    return answer as ClaimResult | boolean
  }
  throw new TypeError(
    'the Durable Object behind the binding is not a DeliveryStore: check class_name of the binding in wrangler.jsonc',
  )
}

/** FNV-1a: spreads keys evenly and gives the same result on every machine. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  }
  return value >>> 0
}
