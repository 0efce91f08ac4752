import { type Awaitable, isThenable } from '../base/awaitable.js'
import { attachDelivery, isWebhookError, thrownHere, type WebhookError } from '../base/errors.js'
import { notify } from '../base/notify.js'
import { roundToMilliseconds, secondsSince } from '../base/seconds-since.js'
import { reusable } from '../delivery/read-headers.js'
import type { Report } from '../delivery/report.js'
import type {
  HeadersInput,
  RefusedDelivery,
  VerdictEvent,
  VerifierOptions,
  WebhookBody,
} from '../delivery/types.js'
import { withContext } from '../delivery/with-context.js'
import { createWarner } from './warner.js'

/** The delivery as far as it has arrived. */
export interface ArrivedDelivery extends RefusedDelivery {
  body: WebhookBody | undefined
}

/** A delivery, and the function that brings it to its verdict. */
export interface Work<R, Context> {
  readonly headers: HeadersInput
  readonly context: Context
  readonly run: (attempt: ArrivedDelivery, report: Report) => Awaitable<R>
  /** Turns a refusal into the result. Without it, the error is thrown to the application and has a stack trace. */
  readonly refused?: ((error: WebhookError) => R) | undefined
}

interface Observers<Context> extends Pick<VerifierOptions<unknown, Context>, 'onVerdict' | 'warn'> {
  readonly now: () => number | Date
}

/**
 * Runs one delivery to its verdict and calls `onVerdict` once. Without `onVerdict` it warns about what the receiver can fix. A refusal gets
 * `error.delivery`. An error that is not a `WebhookError` is rethrown and not reported.
 */
export type Reporting<Context> = <R>(work: Work<R, Context>) => Promise<R>

export function createReporting<Context>(observers: Observers<Context>): Reporting<Context> {
  const { onVerdict } = observers
  const warner = createWarner(observers.warn, observers.now)

  return async function reporting({ headers, context, run, refused }) {
    const begun = onVerdict ? performance.now() : 0
    const attempt: ArrivedDelivery = { headers: reusable(headers), body: undefined }
    const report: Report = {}

    try {
      let result = run(attempt, report)
      if (isThenable(result)) result = await result
      if (onVerdict) conclude('accepted')
      return result
    } catch (error) {
      if (!isWebhookError(error)) throw error
      attachDelivery(error, attempt)
      if (onVerdict) conclude('refused', reasonOf(error))
      else notify(warner, error)
      if (refused) return refused(error)
      throw thrownHere(error)
    }

    function conclude(outcome: VerdictEvent['outcome'], reason?: Partial<VerdictEvent>): void {
      if (report.age) report.age = roundToMilliseconds(report.age)
      const event = { outcome, ...report, ...reason, duration: secondsSince(begun) }
      notify(onVerdict, withContext(event, context))
    }
  }
}

function reasonOf({ code, message: detail, cause }: WebhookError): Partial<VerdictEvent> {
  // The message of a schema may quote the payload.
  return { code, detail, cause: code === 'payload_invalid' ? undefined : cause }
}
