import type { Awaitable } from '../base/awaitable.js'
import { randomUuid } from '../base/platform.js'
import type { ClaimResult, IdempotencyStore } from '../idempotency/store.js'

/** A store on trial: what cases do with it, each step checked. Durations are in seconds. */
export interface StoreTrial {
  readonly store: IdempotencyStore
  /** Of leases that run out during the case. */
  readonly lease: number
  /** Must the store return the digest that was stored with a key? */
  readonly digest: boolean
  /** A key of this case alone. */
  key(name?: string): string
  /** Claims and checks the state of the answer. */
  claims(key: string, token: string, state: ClaimResult['state'], lease?: number): Promise<void>
  commits(key: string, token: string, isTaken: boolean, ttl?: number): Promise<void>
  release(key: string, token: string): Promise<void>
  /** Until every lease of `lease` seconds has run out. */
  lapse(): Promise<void>
}

/** What {@link createStoreTrial} needs of the options. */
export interface TrialSettings {
  readonly lease: number
  readonly digest?: boolean | undefined
  readonly wait: (seconds: number) => Awaitable<unknown>
}

const LONG = 1000

export function createStoreTrial(
  store: IdempotencyStore,
  { lease, digest = false, wait }: TrialSettings,
): StoreTrial {
  const prefix = `/store-contract/${randomUuid()} `

  return {
    store,
    lease,
    digest,
    key: (name = 'msg_1') => prefix + name,
    async claims(key, token, state, duration = LONG) {
      const result = await store.claim(key, { token, lease: duration })
      expectSame(`the claim of ${token}`, Object(result).state, state)
      if (result.state === 'in_progress') assertRetryAfter(result.retryAfter)
    },
    async commits(key, token, isTaken, ttl = LONG) {
      expectSame(`the commit of ${token}`, await store.commit(key, { token, ttl }), isTaken)
    },
    async release(key, token) {
      await store.release(key, { token })
    },
    // Half as long again: the clock of a server may be coarser than ours.
    lapse: async () => void (await wait(lease * 1.5)),
  }
}

/** Throws if the store answered something else than the contract asks for. */
export function expectSame(what: string, found: unknown, expected: unknown): void {
  if (found === expected) return
  throw new Error(`${what} must come to ${show(expected)}, and the store answered ${show(found)}`)
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}

function assertRetryAfter(seconds: unknown): void {
  if (typeof seconds === 'number' && seconds >= 0 && seconds <= LONG) return
  throw new Error(
    `retryAfter must be the seconds that the lease has left, 0 to ${LONG}, and was ${show(seconds)}`,
  )
}
