import { sharesPromises } from '#runtime'
import { andThen } from '../base/awaitable.js'
import type { WebhookError } from '../base/errors.js'
import type { KeySet, SecretSource } from '../delivery/types.js'
import { createKeyRing, idsOf, isCurrent } from './key-ring.js'
import { createPause } from './pause.js'
import type { RefreshError } from './refresh-error.js'
import { createRefresher, type Refresher } from './refresher.js'
import {
  type RotatingSecret,
  type RotatingSecretOptions,
  type RotatingSettings,
  resolveRotatingOptions,
} from './rotating-options.js'
import { unavailable } from './source.js'

/** How far, in milliseconds, a sender's clock may run ahead of ours. */
const MOST_AHEAD = 30_000

/**
 * A signing secret that is fetched, cached and followed through rotations.
 *
 * Throws a `TypeError` for an option that is unknown or wrong.
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

/** The source, and the way to tell it a secret that its owner has just learnt. */
export function createRotatingSource(settings: RotatingSettings): {
  source: RotatingSecret
  learn: Refresher['learn']
} {
  const { maxAge, maxStale, timeout, now, random, warm = sharesPromises } = settings
  const ring = createKeyRing(settings.overlap)
  const pause = createPause(random)
  const refresher = createRefresher(settings, ring, pause)
  const { ask, refresh, isBusy, save } = refresher

  /** Either way: a clock that was set back makes what is known no fresher. */
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

  /** The second look for a delivery that came at `arrived`, when so many reads were begun. */
  function rereadSince(begun: number, arrived: number): SecretSource['reread'] {
    return async (signedAt, { waitUntil }) => {
      // A time in the future tells of a sender's clock that is ahead: the delivery may be as old as that can be.
      const signed = signedAt * 1000 > arrived ? arrived - MOST_AHEAD : signedAt * 1000
      const isCovered = () => ring.covers(signed, begun, now())
      // Whoever has waited for a read already does not wait for another, nor for long after other waits.
      if (ring.seen <= begun && !isCovered()) await ask(true, waitUntil, arrived + 1.02 * timeout)
      return { ...view(), current: isCovered(), retryAfter: retryAfter() }
    }
  }

  const source: RotatingSecret = {
    read(context) {
      const known = age()
      const isStale = known > maxAge && !isBusy()
      // Asks first, where what is in memory may not be used or nothing would keep work behind the answer alive.
      const mustWait = known > maxStale || (isStale && !sharesPromises && !context.waitUntil)
      if (!isStale && !mustWait) return view()
      // The read that this delivery starts is one begun after it came.
      const reread = rereadSince(ring.begun, now())
      const { seen } = ring
      const asked = ask(false, context.waitUntil)
      return andThen(mustWait && asked, () => {
        // A read may take longer than `maxStale`.
        if (mustWait && age() > maxStale && ring.seen === seen)
          throw unknownSecret(refresher.lastError())
        return { ...view(), reread }
      })
    },

    reread: (signedAt, context) => rereadSince(ring.begun, now())(signedAt, context),
    refresh,

    forgetPrevious() {
      ring.forgetRetired()
      save()
    },

    status() {
      const at = now()
      const entries = ring.entries(at)
      return {
        keyIds: idsOf(entries.filter(isCurrent)),
        previous: entries
          .filter((entry) => !isCurrent(entry))
          .map(({ key, until }) => ({ keyId: key.keyId, expiresIn: (until - at) / 1000 })),
        age: ring.confirmedAt === undefined ? undefined : (at - ring.confirmedAt) / 1000,
        nextAttemptIn: pause.wait(at) / 1000,
        refreshing: isBusy(),
        refreshes: refresher.counts(),
      }
    },

    close: refresher.close,
  }

  if (warm) ask(false)
  return { source, learn: refresher.learn }
}
