import { type Awaitable, andThen } from '../base/awaitable.js'
import type { KeySet, SecretContext, SecretSource } from '../delivery/types.js'
import type { Refresher, RefresherParts } from './refresher.js'
import { unavailable } from './source-for.js'

interface Parts extends RefresherParts {
  readonly refresher: Refresher
}

/** Creates a function that is called when a delivery arrives. It returns the source for this delivery, which decides when to read the account. */
export function createArrive(parts: Parts): () => SecretSource {
  const { maxAge, maxStale, timeout, now, onError, ring, pause, flights, refresher } = parts
  const { ask, isBusy, lastError } = refresher

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
    const cause = lastError()
    const why = cause?.message ?? 'the last read is too old'
    throw unavailable(`no signing secret is known: ${why}`, {
      cause,
      retryAfter: retryAfter(),
      // `onError` has been called with the cause.
      quiet: onError !== undefined,
    })
  }

  return () => {
    const arrived = now()
    const sight = ring.sight(arrived)
    const isCovered = (signedAt: number): boolean => sight.covers(signedAt, now())

    async function reread(signedAt: number, { waitUntil }: SecretContext): Promise<KeySet> {
      let failure: unknown
      // A request that has waited for one read does not wait for another, nor long after other waits.
      if (!sight.hasNews() && !isCovered(signedAt)) {
        const deadline = arrived + 1.02 * timeout
        failure = await ask('mismatch', { isWaitedFor: true, waitUntil, deadline })
      }
      // The answer to a mismatch is the error of its read. `onError` has been called with it.
      const cause = onError ? undefined : (failure as KeySet['cause'])
      return { ...view(), current: isCovered(signedAt), retryAfter: retryAfter(), cause }
    }
    return { read, reread }
  }
}
