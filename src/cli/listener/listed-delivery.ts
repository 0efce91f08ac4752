import type { WebhookErrorCode } from '../../base/errors.js'
import type { Finding } from '../../diagnose/index.js'

/** How an application answered a delivery that was handed on. */
export interface Forwarded {
  readonly status?: number | undefined
  readonly code?: string | undefined
  /** Why there is no answer, and the fix. */
  readonly failure?: string | undefined
  /** Milliseconds. */
  readonly duration: number
}

/** One delivery as lists show it: in a line on the terminal, and in a row of the page. Everything in it but numbers may come from a stranger. */
export interface ListedDelivery {
  readonly number: number
  readonly receivedAt: string
  readonly method: string
  readonly url: string
  readonly verdict: 'accepted' | 'refused'
  readonly code?: WebhookErrorCode | undefined
  /** Why it was refused, in words. */
  readonly detail?: string | undefined
  readonly id?: string | undefined
  /** Event type. */
  readonly type?: string | undefined
  readonly keyId?: string | undefined
  /** Seconds between `webhook-timestamp` and its arrival. */
  readonly age?: number | undefined
  /** Bytes of the body. */
  readonly size: number
  /** Milliseconds until it was answered. */
  readonly duration: number
  /** The answer that the sender got; 0 while the application has not answered yet. */
  readonly status: number
  readonly forwarded?: Forwarded | undefined
  /** The delivery that this one repeats. */
  readonly repeats?: number | undefined
}

/** The words of the page for one delivery. */
export interface DetailedDelivery extends ListedDelivery {
  readonly headers: readonly (readonly [string, string])[]
  /** `false` if the bytes are not there: it was too large, or too long ago. */
  readonly hasBody: boolean
  readonly findings: readonly Finding[]
  /** The answer of the application, cut after 16 KiB. */
  readonly answer?:
    | { readonly headers: readonly (readonly [string, string])[]; readonly body: string }
    | undefined
  /** Can it be signed again here? */
  readonly canSign: boolean
}
