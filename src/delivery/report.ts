import { attachDelivery, isWebhookError, type WebhookError } from '../base/errors.js'
import { reusable } from './headers.js'
import type { HeadersInput, RefusedDelivery, VerdictEvent, WebhookBody } from './types.js'

/** What `onVerdict` will be called with; filled in as far as a delivery gets. */
export type Report = { -readonly [K in keyof VerdictEvent]?: VerdictEvent[K] }

/** The delivery as far as it has arrived. */
export interface Attempt extends RefusedDelivery {
  body: WebhookBody | undefined
}

type Observer<E> = ((event: E) => unknown) | undefined

/** A delivery as it is handed in, and how it comes to its verdict. */
interface Work<R, Context> {
  readonly headers: HeadersInput
  readonly context: Context
  readonly run: (attempt: Attempt, report: Report) => Promise<R>
}

/**
 * Runs one delivery to its verdict and calls `onVerdict`, once. A refusal gets `error.delivery`.
 * An error that is not a WebhookError is thrown on and not reported.
 */
export async function reporting<R, Context>(
  onVerdict: Observer<VerdictEvent<Context>>,
  { headers, context, run }: Work<R, Context>,
): Promise<R> {
  const begun = performance.now()
  const attempt: Attempt = { headers: reusable(headers), body: undefined }
  const report: Report = {}

  function conclude(outcome: VerdictEvent['outcome'], reason?: Partial<VerdictEvent>): void {
    if (!onVerdict) return
    const { age } = report
    const event = {
      outcome,
      ...report,
      ...reason,
      ...(age !== undefined && { age: toMilliseconds(age) }),
      duration: toMilliseconds((performance.now() - begun) / 1000),
    }
    // Not enumerable, so that no logger prints it: the request has the signature, the bindings may have the secret.
    notify(
      onVerdict,
      Object.defineProperty(event, 'context', { get: () => context }) as typeof event & {
        context: Context
      },
    )
  }

  try {
    const result = await run(attempt, report)
    conclude('accepted')
    return result
  } catch (error) {
    if (isWebhookError(error)) {
      attachDelivery(error, attempt)
      conclude('refused', reasonOf(error))
    }
    throw error
  }
}

function reasonOf({ code, message: detail, cause }: WebhookError): Partial<VerdictEvent> {
  // What a schema says of a payload may quote it.
  return { code, detail, cause: code === 'payload_invalid' ? undefined : cause }
}

/** Seconds, rounded to milliseconds. */
function toMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}

/** Calls an observer. One that fails cannot change what it observes: its error is printed. */
export async function notify<E>(observer: Observer<E>, event: E): Promise<void> {
  try {
    await observer?.(event)
  } catch (error) {
    console.error('observer failed', error)
  }
}
