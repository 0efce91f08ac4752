import { isWebhookError } from './errors.js'
import type { VerdictEvent } from './types.js'

/** What is known of a delivery so far. */
export interface Seen {
  id?: string
  age?: number
}

type Observer = (event: VerdictEvent) => unknown

/** Tells `onVerdict` of a refusal. Errors that are no verdict (the caller's own) are not reported. */
export function reportRefusal(onVerdict: Observer, seen: Seen, error: unknown): void {
  if (!isWebhookError(error)) return
  const { code, message: detail } = error
  // What a schema says of a payload may quote it.
  const cause = code === 'payload_invalid' ? undefined : error.cause
  notify(onVerdict, { outcome: 'refused', ...seen, code, detail, cause })
}

/** Calls an observer. An observer that fails cannot change what it observes: its error is printed. */
export function notify<E>(observer: ((event: E) => unknown) | undefined, event: E): void {
  const failed = (error: unknown): void => console.error('countersign: an observer failed', error)
  try {
    Promise.resolve(observer?.(event)).catch(failed)
  } catch (error) {
    failed(error)
  }
}
