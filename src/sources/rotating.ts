import { sharesPromises } from '#runtime'
import { then } from '../awaitable.js'
import type { KeySet, SecretContext } from '../types.js'
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
  const { maxAge, maxStale, now, random, warm = sharesPromises } = settings
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

  /** No key that may be used is in memory: ask first. */
  async function load({ waitUntil }: SecretContext): Promise<KeySet> {
    await ask(false, waitUntil)
    if (age() > maxStale)
      throw unavailable('no usable secret is known', refresher.lastError(), retryAfter())
    // A read for this very delivery needs no second look, which might take as long again.
    return isBusy() ? view() : { ...view(), current: false, retryAfter: 1 }
  }

  const source: RotatingSecret = {
    read(context) {
      const known = age()
      if (known > maxStale) return load(context)
      if (known > maxAge && !isBusy()) {
        const ready = ask(false, context.waitUntil)
        // Where nothing keeps the request alive, work behind the answer would be cut off: wait for it.
        if (!sharesPromises && !context.waitUntil) return then(ready, view)
      }
      return view()
    },

    async reread(signedAt, { waitUntil }) {
      const { begun } = ring
      const isCovered = () => ring.covers(signedAt * 1000, begun)
      if (!isCovered()) await ask(true, waitUntil)
      return { ...view(), current: isCovered(), retryAfter: retryAfter() }
    },

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
