import type { Awaitable } from '../base/awaitable.js'
import { createWorkTimers } from '../base/timers.js'
import { notify } from '../delivery/report.js'
import type { Secret } from '../delivery/types.js'
import { callWithin } from './call-within.js'
import type { Flights } from './flights.js'
import { idsOf, isCurrent, type KeyRing, type Read, type RingKey } from './key-ring.js'
import type { Pause, Why } from './pause.js'
import { namesOf, plainCause } from './redact.js'
import { RefreshError, toRefreshError } from './refresh-error.js'
import { toRingKey } from './ring-key.js'
import type { RefreshCounts, RotatingSettings, RotationEvent } from './rotating-options.js'
import { createShelf } from './shelf.js'
import { openSnapshot, type SnapshotContent, toStoredKeys } from './snapshot.js'

type Answer = Secret | readonly Secret[]

/** One read of the account and the work that belongs to it. None of these promises rejects. */
export interface Flight {
  /** Resolves when there are keys, or when this flight will bring none. */
  readonly ready: Promise<unknown>
  /** Resolves when the account has answered, or with the error if it has not. */
  readonly landed: Promise<RefreshError | undefined>
  /** Resolves when the background work is done too. */
  readonly done: Promise<RefreshError | undefined>
}

/** The promise to wait for. Old keys still verify, so any keys are enough; a mismatch needs the account's answer; `refresh()` waits for all work. */
const WAITS_FOR: Readonly<Record<Why, keyof Flight>> = {
  age: 'ready',
  mismatch: 'landed',
  hand: 'done',
}

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
  learn(tell: (signal: AbortSignal) => Promise<Answer>): Promise<void>
  /** Saves the current keys. */
  save(): Promise<unknown>
  /** `true` if any request is reading the account now. */
  isBusy(): boolean
  lastError(): RefreshError | undefined
  /** Number of reads of the account, by outcome. */
  counts(): RefreshCounts
  close(): void
}

interface Parts {
  readonly ring: KeyRing
  readonly pause: Pause
  readonly flights: Flights<Flight>
}

/** Brings the account's answers into the ring. Handles flights, their retries, their errors and the snapshot. */
export function createRefresher(settings: RotatingSettings, parts: Parts): Refresher {
  const { fetch, timeout, now, onError, onRotate, maxAge, maxStale } = settings
  const { ring, pause, flights } = parts
  const timers = createWorkTimers(settings)
  const aborts = new Set<AbortController>()
  const closed = new RefreshError('network', 'the secret source is closed: create a new one')
  const waitsInLine = flights.areShared
  const shelf = settings.snapshot && createShelf(settings.snapshot, { within, waitsInLine, now })
  let busyUntil = 0
  let isClosed = false
  let lastError: RefreshError | undefined
  const counts: { -readonly [K in keyof RefreshCounts]: RefreshCounts[K] } = { succeeded: 0 }

  function fail(error: RefreshError): RefreshError {
    lastError = error
    if (!isClosed) notify(onError, error)
    return error
  }

  async function within<T>(
    call: (signal: AbortSignal) => Awaitable<T>,
    mayRetry?: boolean,
  ): Promise<T> {
    if (isClosed) throw closed
    const abort = new AbortController()
    aborts.add(abort)
    try {
      return await callWithin({ ...settings, ...timers }, abort, call, mayRetry)
    } finally {
      aborts.delete(abort)
    }
  }

  /** The keys of an answer. Unusable keys are skipped if there are usable ones. */
  async function keysOf(answer: Answer): Promise<readonly RingKey[]> {
    const secrets = [answer].flat() as readonly Secret[]
    if (!secrets.length)
      throw new RefreshError(
        'secret_missing',
        'the answer holds no secret: issue a new key, or check the fetch function of the source',
      )
    const results = await Promise.allSettled(
      secrets.map((secret) => toRingKey(secret, settings.minSecretBytes)),
    )
    const keys = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
    const wrong = results.find((result) => result.status === 'rejected')
    if (!wrong) return keys
    const count = `${secrets.length - keys.length} of ${secrets.length}`
    const error = new RefreshError(
      'secret_invalid',
      // This error is our own and never quotes the secret.
      `${count} secrets in the answer cannot be used: ${wrong.reason.message}`,
      wrong.reason,
    )
    if (!keys.length) throw error
    notify(onError, error)
    return keys
  }

  /** `true` if the answer was taken into the ring. */
  function accept(confirm: Read['confirm'], keys: readonly RingKey[], at: number): void {
    if (isClosed || !confirm(keys, at)) return
    pause.found(now())
    notify(onRotate, rotationEvent(ring.entries(now())))
  }

  async function hear(signal: AbortSignal): Promise<void> {
    const read = ring.begin(now())
    try {
      const answer = await fetch({ signal })
      const at = now()
      accept(read.confirm, await keysOf(answer), at)
    } finally {
      read.end()
    }
  }

  async function load(): Promise<SnapshotContent | undefined> {
    const content = await shelf?.load()
    if (content) ring.forget(content.forgotten)
    return content
  }

  async function restore(
    loaded: Promise<SnapshotContent | undefined>,
    landed: Flight['landed'],
  ): Promise<void> {
    const content = await loaded
    if (!content) return
    const keys = await openSnapshot(content, now(), maxStale)
    const readAt = Math.min(content.readAt, now())
    const isOutdated = now() - readAt > maxAge
    // The account may have rotated since, so its answer comes first.
    if (isOutdated && !(await landed)) return
    ring.restore(keys, readAt, isOutdated)
  }

  async function save(): Promise<undefined> {
    try {
      const joined = await shelf?.save(knowledge)
      if (joined) ring.forget(joined.forgotten)
    } catch (error) {
      fail(snapshotFailed(error))
    }
  }

  function knowledge(): SnapshotContent | undefined {
    const { confirmedAt: readAt, forgotten } = ring
    if (readAt === undefined) return undefined
    return { version: 0, readAt, keys: toStoredKeys(ring.entries(now())), forgotten }
  }

  function start(why: Why): Flight {
    const attempt = pause.begin(now(), why)
    busyUntil = now() + timeout
    const loaded = shelf && ring.confirmedAt === undefined ? load() : undefined
    const landed = within(hear, attempt.mayRetry).then(
      () => land(),
      (error) => land(fail(toRefreshError(error))),
    )
    function land(error?: RefreshError): RefreshError | undefined {
      flights.land(flight)
      busyUntil = 0
      const outcome = error?.reason ?? 'succeeded'
      if (!isClosed) counts[outcome] = (counts[outcome] ?? 0) + 1
      attempt.end(now(), error)
      return error
    }
    const restored = loaded && restore(loaded, landed).catch((error) => fail(snapshotFailed(error)))
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
    const error = await flight[WAITS_FOR.hand]
    if (error) throw error
  }

  async function learn(tell: (signal: AbortSignal) => Promise<Answer>): Promise<void> {
    const read = ring.begin(now())
    try {
      const { keys, at } = await within(async (signal) => {
        const answer = await tell(signal)
        const at = now()
        return { keys: await keysOf(answer), at }
      })
      const isContested = read.isContested()
      accept(read.overrule, keys, at)
      // It is unknown which answer is newer, so the account is read once more.
      const again = isContested && fly().then(({ landed }) => landed)
      // If background work is not possible, the caller waits for it.
      if (!flights.areShared) await again
    } catch (error) {
      throw fail(toRefreshError(error))
    } finally {
      read.end()
    }
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
      waitUntil?.(flight.done)
      const answer: Promise<unknown> = flight[WAITS_FOR[why]]
      return isWaitedFor ? timers.waitFor(answer) : answer
    },
    refresh: () => timers.waitFor(refresh()),
    learn: (tell) => timers.waitFor(learn(tell)),
    save,
    isBusy: () => now() < busyUntil,
    lastError: () => lastError,
    counts: () => ({ ...counts }),
    close() {
      isClosed = true
      for (const abort of aborts) abort.abort(closed)
    },
  }
}

function rotationEvent(entries: readonly RingKey[]): RotationEvent {
  return {
    keyIds: idsOf(entries.filter(isCurrent)),
    previousKeyIds: idsOf(entries.filter((entry) => !isCurrent(entry))),
  }
}

function snapshotFailed(error: unknown): RefreshError {
  if (error instanceof RefreshError) return error
  const cause = plainCause(error)
  return new RefreshError(
    'snapshot_failed',
    `the snapshot could not be loaded or saved${namesOf(cause)}: check its store`,
    cause,
  )
}
