import { sharesPromises } from '#runtime'
import type { KeySet, SecretContext, SecretSource } from '../types.js'
import { createKeyRing, isCurrent } from './key-ring.js'
import { createPause } from './pause.js'
import { createRefresher, type Refresher } from './refresher.js'
import {
  type RotatingSecret,
  type RotatingSecretOptions,
  resolveRotatingOptions,
} from './rotating-options.js'
import { unavailable } from './source.js'

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
  return createRotatingSource(options).source
}

/** The source, and the way to tell it a secret that its owner has just learnt. */
export function createRotatingSource(options: RotatingSecretOptions): {
  source: RotatingSecret
  learn: Refresher['learn']
} {
  const settings = resolveRotatingOptions(options)
  const { maxAge, maxStale, timeout, now, random, warm = sharesPromises } = settings
  const ring = createKeyRing(settings.overlap)
  const pause = createPause(random)
  const refresher = createRefresher(settings, ring, pause)
  const { ask, refresh, isBusy, save } = refresher

  /** Either way: a clock that was set back makes what is known no fresher. */
  function age(): number {
    return Math.abs(now() - (ring.confirmedAt ?? Number.POSITIVE_INFINITY))
  }

  function view(): KeySet {
    return { keys: ring.keys(now()) }
  }

  function retryAfter(): number {
    return Math.max(1, Math.ceil(pause.wait(now()) / 1000))
  }

  /** The second look for a delivery that came at `arrived`, when so many reads were begun. */
  function rereadSince(begun: number, arrived: number): SecretSource['reread'] {
    return async (signedAt, { waitUntil }) => {
      const isCovered = () => ring.covers(signedAt * 1000, begun, now())
      // Whoever has waited for a read already does not wait for another, nor for one that could tell no more.
      const mayAsk = ring.seen <= begun && now() - arrived <= timeout / 50
      if (mayAsk && !isCovered()) await ask(true, waitUntil)
      return { ...view(), current: isCovered(), retryAfter: retryAfter() }
    }
  }

  /** Asks first, where what is in memory may not be used or nothing would keep work behind the answer alive. */
  async function load({ waitUntil }: SecretContext): Promise<KeySet> {
    const reread = rereadSince(ring.begun, now())
    await ask(false, waitUntil)
    if (age() <= maxStale) return { ...view(), reread }
    throw unavailable('no usable secret is known', refresher.lastError(), retryAfter())
  }

  const source: RotatingSecret = {
    read(context) {
      const known = age()
      const isStale = known > maxAge && !isBusy()
      const mustWait = isStale && !sharesPromises && !context.waitUntil
      if (known > maxStale || mustWait) return load(context)
      if (isStale) ask(false, context.waitUntil)
      return view()
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
        keyIds: entries.filter(isCurrent).map(({ key }) => key.keyId),
        previous: entries
          .filter((entry) => !isCurrent(entry))
          .map(({ key, until }) => ({ keyId: key.keyId, expiresIn: (until - at) / 1000 })),
        age: ring.confirmedAt === undefined ? undefined : (at - ring.confirmedAt) / 1000,
        nextAttemptIn: pause.wait(at) / 1000,
        refreshing: isBusy(),
      }
    },

    close: refresher.close,
  }

  if (warm) ask(false)
  return { source, learn: refresher.learn }
}
