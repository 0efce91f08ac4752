import { createFlights } from '#runtime'
import { isContext } from '../base/options.js'
import { createArrive } from './arrive.js'
import { createKeyRing } from './key-ring.js'
import { createPause } from './pause.js'
import { createRefresher, type Refresher, type RefresherParts } from './refresher.js'
import { idsOf, isCurrent, isRetired } from './ring-key.js'
import {
  type RotatingSecret,
  type RotatingSecretOptions,
  type RotatingSecretStatus,
  type RotatingSettings,
  resolveRotatingOptions,
} from './rotating-options.js'
import { notCalled } from './source-for.js'

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
  if (isContext(options, 'fetch')) throw notCalled('rotatingSecret({ fetch })')
  return createRotatingSource(resolveRotatingOptions(options)).source
}

/** The source, and a function that gives it a secret from the answer to another call. */
export function createRotatingSource(settings: RotatingSettings): {
  source: RotatingSecret
  learn: Refresher['learn']
} {
  const { now, random, overlap, lag } = settings
  const pause = createPause(random)
  const ring = createKeyRing({ overlap, lag, onProof: () => pause.proved(now()) })
  const flights = createFlights()
  const { warm = flights.areShared } = settings
  const parts = { ...settings, ring, pause, flights }
  const refresher = createRefresher(parts)
  const arrive = createArrive({ ...parts, refresher })

  const source: RotatingSecret = {
    arrive,
    read: (context) => arrive().read(context),
    reread: (signedAt, context) => arrive().reread(signedAt, context),
    refresh: refresher.refresh,
    forgetPrevious() {
      ring.forgetRetired(now())
      refresher.save()
    },
    status: () => statusOf(parts, refresher),
    close: refresher.close,
  }

  if (warm) refresher.ask('age', { isWaitedFor: false })
  return { source, learn: refresher.learn }
}

function statusOf(
  { now, overlap, ring, pause }: RefresherParts,
  refresher: Refresher,
): RotatingSecretStatus {
  const at = now()
  const entries = ring.entries(at)
  return {
    keyIds: idsOf(entries.filter(isCurrent)),
    previous: entries.filter(isRetired).map(({ key, retiredAt = at }) => ({
      keyId: key.keyId,
      expiresIn: (retiredAt + overlap - at) / 1000,
    })),
    age: ring.confirmedAt === undefined ? undefined : (at - ring.confirmedAt) / 1000,
    nextAttemptIn: pause.wait(at) / 1000,
    refreshing: refresher.isBusy(),
    refreshes: refresher.counts(),
  }
}
