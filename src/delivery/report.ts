import { isWebhookError } from '../base/errors.js'
import type { VerdictEvent } from './types.js'

/** What `onVerdict` will be told; filled in as far as a delivery gets. */
export type Report = { -readonly [K in keyof VerdictEvent]?: VerdictEvent[K] }

type Observer<E> = ((event: E) => unknown) | undefined

/** Runs one delivery to its verdict and tells `onVerdict`, once. An error that is no verdict is nobody's business but the caller's. */
export function reporting<R>(
  onVerdict: Observer<VerdictEvent>,
  run: (report: Report) => Promise<R>,
): Promise<R> {
  // Nobody to tell: two promises less for each delivery.
  return onVerdict ? told(onVerdict, run, {}) : run({})
}

async function told<R>(
  onVerdict: Observer<VerdictEvent>,
  run: (report: Report) => Promise<R>,
  report: Report,
): Promise<R> {
  try {
    const result = await run(report)
    notify(onVerdict, { outcome: 'accepted', ...report })
    return result
  } catch (error) {
    if (isWebhookError(error)) {
      const { code, message: detail, cause } = error
      // What a schema says of a payload may quote it.
      const shown = code === 'payload_invalid' ? undefined : cause
      notify(onVerdict, { outcome: 'refused', ...report, code, detail, cause: shown })
    }
    throw error
  }
}

/** Calls an observer. One that fails cannot change what it observes: its error is printed. */
export async function notify<E>(observer: Observer<E>, event: E): Promise<void> {
  try {
    await observer?.(event)
  } catch (error) {
    console.error('observer failed', error)
  }
}
