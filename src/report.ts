import { isWebhookError, type WebhookErrorCode } from './errors.js'
import type { VerdictEvent } from './types.js'

/** What is known of a delivery so far. */
export interface Seen {
  id?: string
  age?: number
  /** What went wrong although the delivery was accepted. */
  code?: WebhookErrorCode
  cause?: unknown
}

/** What `onVerdict` is told of a refusal; nothing for an error that is no verdict. */
export function refusalEvent(seen: Seen, error: unknown): VerdictEvent | undefined {
  if (!isWebhookError(error)) return undefined
  const { code, message: detail, cause } = error
  // What a schema says of a payload may quote it.
  return {
    outcome: 'refused',
    ...seen,
    code,
    detail,
    cause: code === 'payload_invalid' ? undefined : cause,
  }
}

/** Calls an observer. One that fails cannot change what it observes: its error is printed. */
export async function notify<E>(
  observer: ((event: E) => unknown) | undefined,
  event: E | undefined,
): Promise<void> {
  try {
    if (event) await observer?.(event)
  } catch (error) {
    console.error('countersign: an observer failed', error)
  }
}
