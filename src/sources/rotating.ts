import { createFlights } from '#runtime'
import { type Awaitable, andThen } from '../base/awaitable.js'
import type { WebhookError } from '../base/errors.js'
import type { KeySet, SecretContext, SecretSource } from '../delivery/types.js'
import { createKeyRing, idsOf, isCurrent } from './key-ring.js'
import { createPause } from './pause.js'
import type { RefreshError } from './refresh-error.js'
import { createRefresher, type Flight, type Refresher } from './refresher.js'
import {
  type RotatingSecret,
  type RotatingSecretOptions,
  type RotatingSettings,
  resolveRotatingOptions,
} from './rotating-options.js'
import { unavailable } from './source.js'

/**
 * Fetches a signing secret, caches it, and follows its rotations.
 *
 * Throws a `TypeError` for an unknown or invalid option.
 *
 * @example
 * ```ts
 * import { createVerifier, rotatingSecret } from 'countersign'
 * const secret = rotatingSecret({
 *   fetch: async ({ signal }) => (await fetch('https://vault.internal/webhook-secret', { signal })).text(),
 *   onError: (error) => console.error(error.reason, error),
 * })
 * export const verify = createVerifier({ secret })
 * ```
 */
export function rotatingSecret(options: RotatingSecretOptions): RotatingSecret {
  return createRotatingSource(resolveRotatingOptions(options)).source
}

/** The source, and a function that gives it a secret from the answer to another call. */
export function createRotatingSource(settings: RotatingSettings): {
  source: RotatingSecret
  learn: Refresher['learn']
} {
  const { maxAge, maxStale, timeout, now, random, overlap, lag } = settings
  const pause = createPause(random)
  const ring = createKeyRing({ overlap, lag, onProof: () => pause.proved(now()) })
  const flights = createFlights<Flight>()
  const { warm = flights.areShared } = settings
  const refresher = createRefresher(settings, { ring, pause, flights })
  const { ask, isBusy } = refresher

  /** In both directions, because a clock that was set back does not make keys fresher. */
  function age(): number {
    return Math.abs(now() - (ring.confirmedAt ?? Infinity))
  }

  function view(): KeySet {
    return { keys: ring.keys(now()) }
  }

  function retryAfter(): number {
    return Math.max(1, Math.ceil(pause.wait(now()) / 1000))
  }

  function unknownSecret(cause: RefreshError | undefined): WebhookError {
    const why = cause?.message ?? 'the first read has not been answered yet'
    // `onError` has been called with the cause.
    const quiet = settings.onError !== undefined
    return unavailable(`no signing secret is known: ${why}`, {
      cause,
      retryAfter: retryAfter(),
      quiet,
    })
  }

  /** The source for a delivery that arrives now. */
  function arrive(): SecretSource {
    const arrived = now()
    const sight = ring.sight(arrived)

    function read({ waitUntil }: SecretContext): Awaitable<KeySet> {
      const known = age()
      const isStale = known > maxAge && !isBusy()
      // Reads first if the keys in memory must not be used, or if nothing would keep background work alive.
      const isWaitedFor = known > maxStale || (isStale && !flights.areShared && !waitUntil)
      if (!isStale && !isWaitedFor) return view()
      const before = ring.confirmedAt
      const asked = ask('age', { isWaitedFor, waitUntil })
      return isWaitedFor ? andThen(asked, () => viewAfter(before)) : view()
    }

    function viewAfter(before: number | undefined): KeySet {
      // A read may take longer than `maxStale`.
      if (age() <= maxStale || ring.confirmedAt !== before) return view()
      throw unknownSecret(refresher.lastError())
    }

    async function reread(signedAt: number, { waitUntil }: SecretContext): Promise<KeySet> {
      const isCovered = (): boolean => sight.covers(signedAt, now())
      // A request that has waited for one read does not wait for another, nor long after other waits.
      if (!sight.hasNews() && !isCovered()) {
        const deadline = arrived + 1.02 * timeout
        await ask('mismatch', { isWaitedFor: true, waitUntil, deadline })
      }
      return { ...view(), current: isCovered(), retryAfter: retryAfter() }
    }

    return { read, reread }
  }

  const source: RotatingSecret = {
    arrive,
    read: (context) => arrive().read(context),
    reread: (signedAt, context) => arrive().reread(signedAt, context),
    refresh: refresher.refresh,

    forgetPrevious() {
      ring.forgetRetired(now())
      refresher.save()
    },

    status() {
      const at = now()
      const entries = ring.entries(at)
      return {
        keyIds: idsOf(entries.filter(isCurrent)),
        previous: entries.flatMap(({ key, retiredAt }) =>
          retiredAt === undefined
            ? []
            : { keyId: key.keyId, expiresIn: (retiredAt + overlap - at) / 1000 },
        ),
        age: ring.confirmedAt === undefined ? undefined : (at - ring.confirmedAt) / 1000,
        nextAttemptIn: pause.wait(at) / 1000,
        refreshing: isBusy(),
        refreshes: refresher.counts(),
      }
    },

    close: refresher.close,
  }

  if (warm) ask('age', { isWaitedFor: false })
  return { source, learn: refresher.learn }
}
