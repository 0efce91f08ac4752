import { sharesPromises } from '#runtime'
import { notify } from '../report.js'
import type { Secret } from '../types.js'
import { callWithin } from './fetch-secrets.js'
import type { KeyRing, ReadTimes, RingKey } from './key-ring.js'
import type { Pause } from './pause.js'
import { RefreshError, toRefreshError } from './refresh-error.js'
import type { RotatingSettings } from './rotating-options.js'
import { restoreSnapshot, serializeSnapshot, toRingKey } from './snapshot.js'

export interface RefresherSettings extends RotatingSettings {
  readonly ring: KeyRing
  readonly pause: Pause
  readonly onRotated: () => void
}

/** Why the account is asked: a mismatch counts as an attempt from the start, anything else only when it fails. */
export type Cause = 'mismatch' | 'routine'

export interface Flight {
  /** Resolves, never rejects, when there are keys or there will be none from this flight. */
  readonly ready: Promise<unknown>
  /** Resolves, never rejects, when the work behind is over as well; to the error where the account was not heard. */
  readonly done: Promise<RefreshError | undefined>
}

export interface Refresher {
  /** Joins the flight that is under way where the runtime allows it, else starts one. */
  refresh(cause: Cause): Flight
  /** Is there a flight whose answer this request may wait for? */
  canJoin(): boolean
  /** Is any request asking the account now? */
  isBusy(): boolean
  lastError(): RefreshError | undefined
  /** Takes a secret that the account has just told us. */
  learn(secret: Secret): Promise<void>
  stop(): void
}

const CLOSED = new RefreshError('network', 'the source is closed')

/** Brings the account's answers into the ring: one flight at a time, its retries, its errors, the snapshot. */
export function createRefresher(settings: RefresherSettings): Refresher {
  const { ring, pause, snapshot, now, onError } = settings
  let flight: Flight | undefined
  let busyUntil = Number.NEGATIVE_INFINITY
  const aborts = new Set<AbortController>()
  let order = 0
  let stopped = false
  let lastError: RefreshError | undefined

  function fail(error: unknown): RefreshError {
    lastError = toRefreshError(error)
    if (!stopped) notify(onError, lastError)
    return lastError
  }

  async function take(answer: Secret | readonly Secret[], times: ReadTimes): Promise<void> {
    const keys = await toRingKeys(answer, settings.minSecretBytes)
    const outcome = !stopped && ring.confirm(keys, times)
    if (outcome !== 'rotated') return
    pause.reset()
    settings.onRotated()
  }

  async function call(signal: AbortSignal): Promise<void> {
    const begun = now()
    const place = ++order
    const answer = await settings.fetch({ signal })
    await take(answer, { order: place, begun, ended: now() })
  }

  async function restore(): Promise<void> {
    const text = await snapshot?.load()
    if (text) await restoreSnapshot(text, ring, { now: now(), maxStale: settings.maxStale })
  }

  async function save(): Promise<void> {
    try {
      await snapshot?.save(serializeSnapshot(ring, now()))
    } catch (error) {
      fail(new RefreshError('snapshot_failed', 'the snapshot could not be saved', error))
    }
  }

  async function within(
    call: (signal: AbortSignal) => Promise<void>,
    mayRetry: boolean,
  ): Promise<void> {
    const abort = new AbortController()
    aborts.add(abort)
    try {
      await callWithin({ ...settings, call, abort, mayRetry })
    } finally {
      aborts.delete(abort)
    }
  }

  async function land(cause: Cause, mayRetry: boolean): Promise<RefreshError | undefined> {
    const error = await within(call, mayRetry).then(() => undefined, fail)
    flight = undefined
    busyUntil = Number.NEGATIVE_INFINITY
    if (cause === 'mismatch') pause.restart(now())
    else if (error) pause.lengthen(now())
    return error
  }

  function start(cause: Cause): Flight {
    if (stopped) return { ready: Promise.resolve(), done: Promise.resolve(CLOSED) }
    const mayRetry = pause.isFresh
    if (cause === 'mismatch') pause.lengthen(now())
    busyUntil = now() + settings.timeout
    const restored = snapshot && ring.confirmedAt === undefined ? within(restore, false) : undefined
    restored?.catch((error) =>
      fail(new RefreshError('snapshot_invalid', 'the snapshot could not be used', error)),
    )
    const landed = land(cause, mayRetry)
    return {
      ready: untilKeys(ring, landed, restored),
      done: landed.then((error) => (error || !snapshot ? error : save().then(() => undefined))),
    }
  }

  return {
    refresh(cause) {
      if (flight) return flight
      const started = start(cause)
      if (sharesPromises) flight = started
      return started
    },
    canJoin: () => flight !== undefined,
    lastError: () => lastError,
    isBusy: () => flight !== undefined || now() < busyUntil,
    learn: (secret) => take(secret, { order: ++order, begun: now(), ended: now() }),
    stop() {
      stopped = true
      for (const abort of aborts) abort.abort(CLOSED)
    },
  }
}

/** The snapshot may be there first; a snapshot that brings nothing leaves it to the account. */
async function untilKeys(
  ring: KeyRing,
  landed: Promise<unknown>,
  restored: Promise<void> | undefined,
): Promise<void> {
  await Promise.race([landed, restored?.catch(() => {}) ?? landed])
  if (ring.confirmedAt === undefined) await Promise.all([landed, restored?.catch(() => {})])
}

async function toRingKeys(
  answer: Secret | readonly Secret[],
  minBytes: number,
): Promise<readonly RingKey[]> {
  const secrets = Array.isArray(answer) ? answer : [answer as Secret]
  if (secrets.length === 0) throw new RefreshError('secret_missing', 'the answer holds no secret')
  try {
    return await Promise.all(secrets.map((secret) => toRingKey(secret, minBytes)))
  } catch (error) {
    throw new RefreshError('secret_invalid', 'the secret in the answer cannot be used', error)
  }
}
