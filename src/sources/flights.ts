import type { RefreshError } from './refresh-error.js'

/** One read of the account and the work that belongs to it. None of these promises rejects. */
export interface Flight {
  /** Resolves when there are keys, or when this flight will bring none. */
  readonly ready: Promise<unknown>
  /** Resolves when the account has answered, or with the error if it has not. */
  readonly landed: Promise<RefreshError | undefined>
  /** Resolves when the background work is done too. */
  readonly done: Promise<RefreshError | undefined>
}

/** The reads of the account that are in progress. The package import `#runtime` chooses the kind. */
export interface Flights {
  /** `true` if a request may wait for a read that another request started, and work may continue after an answer. */
  readonly areShared: boolean
  /** The flight that a request may join. */
  current(): Flight | undefined
  depart(flight: Flight): void
  land(flight: Flight): void
}
