import { sharesPromises } from '#runtime'
import { notify } from '../report.js'
import type { KeySet, Secret, SecretContext } from '../types.js'
import { createKeyRing } from './key-ring.js'
import { createPause } from './pause.js'
import { createRefresher } from './refresher.js'
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
  learn: (secret: Secret) => Promise<void>
} {
  const settings = resolveRotatingOptions(options)
  const { maxAge, maxStale, now, onRotate } = settings
  const ring = createKeyRing(settings.overlap)
  const pause = createPause(settings.random)
  const ids = (keys: readonly { key: { keyId: string } }[]): string[] =>
    keys.map(({ key }) => key.keyId)
  const refresher = createRefresher({
    ...settings,
    ring,
    pause,
    onRotated: () =>
      notify(onRotate, { keyIds: ids(ring.current), previousKeyIds: ids(ring.retired(now())) }),
  })
  let known: KeySet | undefined

  /** The same object as long as the keys are the same. */
  function view(at: number): KeySet {
    const keys = ring.keys(at)
    if (known?.keys !== keys) known = { keys }
    return known
  }

  function age(at: number): number {
    return ring.confirmedAt === undefined ? Number.POSITIVE_INFINITY : at - ring.confirmedAt
  }

  function retryAfter(at: number): number {
    return Math.max(1, Math.ceil((pause.until - at) / 1000))
  }

  /** No key that may be used is in memory: ask first. */
  async function load({ waitUntil }: SecretContext): Promise<KeySet> {
    if (pause.isOpen(now()) || refresher.canJoin()) {
      const flight = refresher.refresh('routine')
      waitUntil?.(flight.done)
      await flight.ready
    }
    const at = now()
    if (age(at) <= maxStale) return view(at)
    throw unavailable('no secret is known that may be used', refresher.lastError(), retryAfter(at))
  }

  const source: RotatingSecret = {
    read(context) {
      const at = now()
      if (age(at) > maxStale) return load(context)
      const isStale = age(at) > maxAge && pause.isOpen(at) && !refresher.isBusy()
      if (!isStale) return view(at)
      const { done, ready } = refresher.refresh('routine')
      context.waitUntil?.(done)
      // Where nothing keeps the request alive, work behind the answer would be cut off: wait for it.
      return sharesPromises || context.waitUntil ? view(at) : ready.then(() => view(now()))
    },

    async reread(signedAt, { waitUntil }) {
      const arrived = now()
      const decided = (): boolean => ring.covers(signedAt * 1000, arrived)
      if (!decided() && (pause.isOpen(arrived) || refresher.canJoin())) {
        const flight = refresher.refresh('mismatch')
        waitUntil?.(flight.done)
        await flight.ready
      }
      const at = now()
      return { keys: view(at).keys, current: decided(), retryAfter: retryAfter(at) }
    },

    async refresh() {
      if (refresher.canJoin()) await refresher.refresh('routine').done
      const error = await refresher.refresh('routine').done
      if (error) throw error
    },

    forgetPrevious: ring.forgetRetired,

    status() {
      const at = now()
      return {
        keyIds: ids(ring.current),
        previous: ring.retired(at).map(({ key, until }) => ({
          keyId: key.keyId,
          expiresIn: (until - at) / 1000,
        })),
        age: ring.confirmedAt === undefined ? undefined : age(at) / 1000,
        nextAttemptIn: Math.max(0, (pause.until - at) / 1000),
        refreshing: refresher.isBusy(),
      }
    },

    close: refresher.stop,
  }

  if (settings.warm ?? sharesPromises) refresher.refresh('routine')
  return { source, learn: refresher.learn }
}
