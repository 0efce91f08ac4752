import { notify } from '../base/notify.js'
import { answerKeys } from './answer-keys.js'
import type { FetchSecrets } from './call-within.js'
import type { Calls } from './calls.js'
import type { KeyRing, Read } from './key-ring.js'
import type { Pause } from './pause.js'
import { idsOf, isCurrent, isRetired, type RingKey } from './ring-key.js'
import type { RotatingSettings, RotationEvent } from './rotating-options.js'

/** Brings the account's answers into the ring. */
export interface SecretReader {
  /** Reads the account, several times if the first call fails and `mayRetry`. */
  read(mayRetry: boolean): Promise<void>
  /** Takes over a secret from the account's answer to another call. Resolves to `true` if it is unknown whether another read has a newer answer. */
  learn(ask: FetchSecrets): Promise<boolean>
}

interface Parts extends RotatingSettings {
  readonly ring: KeyRing
  readonly pause: Pause
  readonly calls: Calls
}

export function createSecretReader(parts: Parts): SecretReader {
  const { fetch, minSecretBytes, now, onError, onRotate, ring, pause, calls } = parts

  async function keysFrom(ask: FetchSecrets, signal: AbortSignal): Promise<readonly RingKey[]> {
    const answer = await ask({ signal })
    return answerKeys(answer, minSecretBytes, (error) => notify(onError, error))
  }

  function accept(confirm: Read['confirm'], keys: readonly RingKey[]): void {
    const at = now()
    if (calls.isClosed() || !confirm(keys, at)) return
    pause.found(at)
    notify(onRotate, rotationEvent(ring.entries(at)))
  }

  function during<T>(work: (read: Read) => Promise<T>): Promise<T> {
    const read = ring.begin(now())
    return work(read).finally(read.end)
  }

  return {
    // Each call is a read of its own, and a late answer counts too.
    read: (mayRetry) =>
      calls.within(
        (signal) => during(async (read) => accept(read.confirm, await keysFrom(fetch, signal))),
        mayRetry,
      ),

    learn: (ask) =>
      during(async (read) => {
        const keys = await calls.within((signal) => keysFrom(ask, signal))
        const isContested = read.isContested()
        accept(read.overrule, keys)
        return isContested
      }),
  }
}

function rotationEvent(entries: readonly RingKey[]): RotationEvent {
  return {
    keyIds: idsOf(entries.filter(isCurrent)),
    previousKeyIds: idsOf(entries.filter(isRetired)),
  }
}
