import type { Agent } from 'node:http'
import type { Secret } from '../../delivery/types.js'
import type { SignedHeaders, Signer } from '../../sign.js'
import type { HeaderLines } from '../wire/exchange.js'

/** One request of a probe. */
export interface ProbeRequest {
  readonly headers: HeaderLines
  readonly body: Uint8Array
}

/** What cases are made from. */
export interface Maker {
  readonly secrets: readonly Secret[]
  readonly sign: Signer
  /** Seconds since the epoch. */
  readonly now: number
  /** The headers of a delivery as this package's signer makes them. */
  signed(
    body: Uint8Array | string,
    options?: { id?: string; timestamp?: number },
  ): Promise<SignedHeaders>
  /** HMAC over any text, for what no signer makes; `undefined` if the secret is no HMAC key. */
  mac(text: string, key?: Uint8Array): string | undefined
}

/** One thing that is tried, what should come of it, and what it means if something else does. */
export interface ProbeCase {
  readonly name: string
  /**
   * `accepted`: a 2xx. `refused`: a 4xx (or 503 from a receiver that asks to come again). `handled`: either, but not a crash.
   * `repeated`: as accepted, or "come again" while the first one is at work.
   */
  readonly expected: 'accepted' | 'refused' | 'handled' | 'repeated'
  /** What another answer is: `fault` lets somebody in or loses deliveries; `lenient` departs from the standard. */
  readonly severity: 'fault' | 'lenient'
  /** What is sent, and why the answer matters: two sentences. */
  readonly means: string
  readonly fix: string
  /** `undefined` if it cannot be made with this kind of secret. */
  make(maker: Maker): Promise<ProbeRequest | readonly ProbeRequest[] | undefined>
  /** A connection that is closed without an answer counts as refused. */
  readonly mayClose?: boolean
}

export interface ProbeTarget {
  readonly url: URL
  /** Seconds. */
  readonly timeout: number
  readonly agent?: Agent | undefined
}

/** What came of a case. */
export interface ProbeResult {
  readonly name: string
  readonly expected: string
  /** `accepted`, `refused`, `failed` (a 5xx), `misplaced` (no such route) or `silent` (no answer). */
  readonly got: string
  readonly status?: number | undefined
  readonly code?: string | undefined
  readonly verdict: 'right' | 'fault' | 'lenient'
  readonly means: string
  readonly fix?: string | undefined
  readonly failure?: string | undefined
}
