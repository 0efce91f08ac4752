import { sharesPromises } from '#runtime'
import type { Awaitable } from '../base/awaitable.js'
import { notify } from '../delivery/report.js'
import type { Secret } from '../delivery/types.js'
import { callWithin } from './call-within.js'
import { idsOf, isCurrent, type KeyRing, type RingKey } from './key-ring.js'
import type { Pause } from './pause.js'
import { RefreshError, toRefreshError } from './refresh-error.js'
import type { RefreshCounts, RotatingSettings, RotationEvent } from './rotating-options.js'
import { parseSnapshot, serializeSnapshot, toRingKey } from './snapshot.js'

type Answer = Secret | readonly Secret[]

interface Flight {
  /** Resolves, never rejects, when there are keys or there will be none from this flight. */
  readonly ready: Promise<unknown>
  /** Resolves, never rejects, when the account has answered or has not in time. */
  readonly landed: Promise<unknown>
  /** Resolves, never rejects, when the work behind is over as well; to the error where the account was not heard. */
  readonly done: Promise<RefreshError | undefined>
}

export interface Refresher {
  /**
   * Joins the flight that is under way where the runtime allows it, else starts one if the pause is over; resolves when it has brought what it can.
   * A mismatch counts as an attempt from the start, anything else only when it fails. Nothing is asked that may take longer than until `deadline`.
   */
  ask(
    isMismatch: boolean,
    waitUntil?: (work: Promise<unknown>) => void,
    deadline?: number,
  ): Awaitable<unknown>
  /** Reads the account now, whatever the pause says. Rejects with a {@link RefreshError}. */
  refresh(): Promise<void>
  /** Takes a secret that the account tells us in answer to another call. Rejects with a {@link RefreshError}. */
  learn(tell: (signal: AbortSignal) => Promise<Answer>): Promise<void>
  /** Is any request asking the account now? */
  isBusy(): boolean
  lastError(): RefreshError | undefined
  /** How many reads of the account ended how. */
  counts(): RefreshCounts
  save(): Promise<unknown>
  close(): void
}

// An account that asks for more is asked again all the same: a rotation must not stay unseen.
const LONGEST_RETRY_AFTER = 600

/** Brings the account's answers into the ring: one flight at a time, its retries, its errors, the snapshot. */
export function createRefresher(
  settings: RotatingSettings,
  ring: KeyRing,
  pause: Pause,
): Refresher {
  const { fetch, snapshot, timeout, now, onError, onRotate } = settings
  const aborts = new Set<AbortController>()
  const closed = new RefreshError('network', 'the source is closed')
  let flight: Flight | undefined
  let busyUntil = 0
  let isClosed = false
  let version = 0
  let lastError: RefreshError | undefined
  const counts: { -readonly [K in keyof RefreshCounts]: RefreshCounts[K] } = { succeeded: 0 }

  function fail(error: unknown): RefreshError {
    lastError = toRefreshError(error)
    if (!isClosed) notify(onError, lastError)
    return lastError
  }

  async function within<T>(
    call: (signal: AbortSignal) => Awaitable<T>,
    mayRetry?: boolean,
  ): Promise<T> {
    if (isClosed) throw closed
    const abort = new AbortController()
    aborts.add(abort)
    try {
      return await callWithin(settings, abort, call, mayRetry)
    } finally {
      aborts.delete(abort)
    }
  }

  async function hear(answer: () => Awaitable<Answer>, isUnasked?: boolean): Promise<void> {
    const place = ring.begin()
    const begun = now()
    const secrets = await answer()
    const ended = now()
    const overrules = isUnasked ? ring.begin() : place
    const keys = await toRingKeys(secrets, settings.minSecretBytes)
    if (isClosed || !ring.confirm(keys, { place, begun, ended, overrules })) return
    pause.reset()
    notify(onRotate, rotationEvent(ring.entries(now())))
  }

  async function restore(): Promise<void> {
    try {
      const text = await within(() => snapshot?.load())
      if (!text) return
      const { keys, readAt } = await parseSnapshot(text, now(), settings.maxStale)
      ring.restore(keys, readAt)
    } catch (error) {
      fail(snapshotFailed(error))
    }
  }

  async function save(): Promise<undefined> {
    if (!snapshot || ring.confirmedAt === undefined) return
    const text = serializeSnapshot(ring.entries(now()), ring.confirmedAt)
    await within(() => snapshot.save(text, { version: ++version })).catch((error) =>
      fail(snapshotFailed(error)),
    )
  }

  async function land(isMismatch: boolean, mayRetry: boolean): Promise<RefreshError | undefined> {
    const error = await within((signal) => hear(() => fetch({ signal })), mayRetry).then(
      () => undefined,
      fail,
    )
    if (!isClosed)
      counts[error?.reason ?? 'succeeded'] = (counts[error?.reason ?? 'succeeded'] ?? 0) + 1
    flight = undefined
    busyUntil = 0
    // Where flights are not shared, many fail at a time: that counts once.
    if (error && !isMismatch && !pause.wait(now())) pause.lengthen(now())
    // In trouble a success counts as well: the next call keeps its distance from this one.
    if (error || isMismatch || !mayRetry)
      pause.restart(now(), Math.min(error?.retryAfter ?? 0, LONGEST_RETRY_AFTER) * 1000)
    return error
  }

  function start(isMismatch: boolean): Flight {
    const mayRetry = pause.isFresh(now())
    if (isMismatch) pause.lengthen(now())
    busyUntil = now() + timeout
    const restored = snapshot && ring.confirmedAt === undefined ? restore() : undefined
    const landed = land(isMismatch, mayRetry)
    const started = {
      landed,
      ready: untilKeys(landed, restored),
      done: landed.then((error) => error ?? save()),
    }
    if (sharesPromises) flight = started
    return started
  }

  /** The snapshot may be there first; one that brings nothing leaves it to the account. */
  async function untilKeys(landed: Promise<unknown>, restored = landed): Promise<void> {
    await Promise.race([landed, restored])
    if (ring.confirmedAt === undefined) await Promise.all([landed, restored])
  }

  async function refresh(): Promise<void> {
    if (flight) await flight.done
    const error = await (flight ?? start(false)).done
    if (error) throw error
  }

  return {
    ask(isMismatch, waitUntil, deadline = Infinity) {
      const at = now()
      // Where flights are not shared there is one at a time all the same once one has failed.
      const isOneTooMany = at < busyUntil && !isMismatch && !pause.isFresh(at)
      if (!flight && (pause.wait(at) || isOneTooMany)) return
      if ((flight ? busyUntil : at + timeout) > deadline) return
      const { ready, landed, done } = flight ?? start(isMismatch)
      waitUntil?.(done)
      // A mismatch with what the snapshot held is for the account to decide.
      return isMismatch ? landed : ready
    },
    refresh,
    async learn(tell) {
      await within((signal) => hear(() => tell(signal), true)).catch((error) => {
        throw fail(error)
      })
      await save()
    },
    isBusy: () => now() < busyUntil,
    lastError: () => lastError,
    counts: () => ({ ...counts }),
    save,
    close() {
      isClosed = true
      for (const abort of aborts) abort.abort(closed)
    },
  }
}

async function toRingKeys(answer: Answer, minBytes: number): Promise<readonly RingKey[]> {
  const secrets = [answer].flat()
  if (!secrets.length) throw new RefreshError('secret_missing', 'the answer holds no secret')
  try {
    return await Promise.all(secrets.map((secret) => toRingKey(secret as Secret, minBytes)))
  } catch (error) {
    throw new RefreshError('secret_invalid', 'the secret in the answer cannot be used', error)
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
  return new RefreshError('snapshot_failed', 'the snapshot could not be loaded or saved', error)
}
