import type { Awaitable } from '../base/awaitable.js'
import { notify } from '../base/notify.js'
import type { FetchSecrets } from './call-within.js'
import { createCalls } from './calls.js'
import type { Flight, Flights } from './flights.js'
import type { KeyRing } from './key-ring.js'
import type { Pause } from './pause.js'
import { type RefreshError, toRefreshError } from './refresh-error.js'
import type { RefreshCounts, RotatingSettings } from './rotating-options.js'
import { createSecretReader } from './secret-reader.js'
import { createSnapshotKeeper } from './snapshot-keeper.js'
import { WHY, type Why } from './why.js'

/** Options of one request for a read. */
export interface Asking {
  /** `true` if the caller waits; `false` for background work. */
  readonly isWaitedFor: boolean
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
  /** No read is started that may take longer than until this time. */
  readonly deadline?: number
}

export interface Refresher {
  /** Joins the flight that is in progress, or starts one if the pause is over. Resolves when it has brought what `why` needs. */
  ask(why: Why, asking: Asking): Awaitable<unknown>
  /** Reads the account now, even during a pause. Rejects with a {@link RefreshError}. */
  refresh(): Promise<void>
  /** Takes over a secret from the account's answer to another call. Rejects with a {@link RefreshError}. */
  learn(ask: FetchSecrets): Promise<void>
  /** Saves the current keys. */
  save(): Promise<unknown>
  /** `true` if any request is reading the account now. */
  isBusy(): boolean
  lastError(): RefreshError | undefined
  /** Number of reads of the account, by outcome. */
  counts(): RefreshCounts
  close(): void
}

/** The parts of a rotating source that know, wait and ask, and its settings. */
export interface RefresherParts extends RotatingSettings {
  readonly ring: KeyRing
  readonly pause: Pause
  readonly flights: Flights
}

/** Starts the flights: each reads the account, restores the snapshot before and saves it after. Every failure ends here. */
export function createRefresher(parts: RefresherParts): Refresher {
  const { timeout, now, onError, snapshot, ring, pause, flights } = parts
  const calls = createCalls(parts)
  const reader = createSecretReader({ ...parts, calls })
  const keeper = snapshot && createSnapshotKeeper(snapshot, { ...parts, calls })
  let busyUntil = 0
  let lastError: RefreshError | undefined
  const counts: { -readonly [K in keyof RefreshCounts]: RefreshCounts[K] } = { succeeded: 0 }

  function fail<E extends RefreshError | undefined>(error: E): E {
    if (!error) return error
    lastError = error
    if (!calls.isClosed()) notify(onError, error)
    return error
  }

  async function save(): Promise<void> {
    fail(await keeper?.save())
  }

  function start(why: Why): Flight {
    const attempt = pause.begin(now(), why)
    busyUntil = now() + timeout
    const landed = reader.read(attempt.mayRetry).then(
      () => land(),
      (error) => land(fail(toRefreshError(error))),
    )
    function land(error?: RefreshError): RefreshError | undefined {
      flights.land(flight)
      busyUntil = 0
      const outcome = error?.reason ?? 'succeeded'
      if (!calls.isClosed()) counts[outcome] = (counts[outcome] ?? 0) + 1
      attempt.end(now(), error)
      return error
    }
    const restored = ring.confirmedAt === undefined ? keeper?.restore(landed).then(fail) : undefined
    const flight: Flight = {
      landed,
      ready: untilKeys(landed, restored),
      done: landed.then(async (error) => {
        const reason = (await restored)?.reason
        // A snapshot that could not be read is not overwritten, because it may hold keys that must not be lost. A damaged one is.
        if (!error && (reason === undefined || reason === 'snapshot_invalid')) await save()
        return error
      }),
    }
    flights.depart(flight)
    return flight
  }

  /** The snapshot may be ready before the account's answer. If it has no usable keys, the account's answer counts. */
  async function untilKeys(landed: Promise<unknown>, restored = landed): Promise<void> {
    await Promise.race([landed, restored])
    if (ring.confirmedAt === undefined) await Promise.all([landed, restored])
  }

  /** A flight that starts after now. */
  async function fly(): Promise<Flight> {
    const before = flights.current()
    if (before) await before.done
    return flights.current() ?? start('hand')
  }

  async function refresh(): Promise<void> {
    const flight = await fly()
    const error = await flight[WHY.hand.waitsFor]
    if (error) throw error
  }

  async function learn(ask: FetchSecrets): Promise<void> {
    const isContested = await reader.learn(ask).catch((error) => {
      throw fail(toRefreshError(error))
    })
    // It is unknown which answer is newer, so the account is read once more.
    const again = isContested && fly().then(({ landed }) => landed)
    // If background work is not possible, the caller waits for it.
    if (!flights.areShared) await again
    await save()
  }

  return {
    ask(why, { isWaitedFor, waitUntil, deadline = Infinity }) {
      const at = now()
      const current = flights.current()
      // Even if flights are not shared, only one runs at a time after one has failed.
      const isOneTooMany = at < busyUntil && why === 'age' && !pause.isFresh(at)
      if (!current && (pause.wait(at) || isOneTooMany)) return
      if ((current ? busyUntil : at + timeout) > deadline) return
      const flight = current ?? start(why)
      // A context that refuses the work must not change the verdict.
      notify(waitUntil, flight.done)
      const answer: Promise<unknown> = flight[WHY[why].waitsFor]
      return isWaitedFor ? calls.waitFor(answer) : answer
    },
    refresh: () => calls.waitFor(refresh()),
    learn: (ask) => calls.waitFor(learn(ask)),
    save,
    isBusy: () => now() < busyUntil,
    lastError: () => lastError,
    counts: () => ({ ...counts }),
    close: calls.close,
  }
}
