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

/** A delivery as it is handed over. */
interface HandedOver<Context> {
  readonly headers: HeadersInput
  readonly context: Context
}

/** Brings a delivery to its verdict. */
type Work<Delivery, R> = (
  attempt: ArrivedDelivery,
  report: Report,
  delivery: Delivery,
) => Awaitable<R>

interface Observers<Context> extends Pick<VerifierOptions<unknown, Context>, 'onVerdict' | 'warn'> {
  readonly now: () => number | Date
}

/**
 * Turns work into a function that runs it for one delivery and calls `onVerdict` once. Without `onVerdict` it warns about what the receiver
 * can fix. A refusal gets `error.delivery`, and `refused` turns it into the result. Without `refused`, the error is thrown to the application
 * and has a stack trace. An error that is not a `WebhookError` is rethrown and not reported.
 */
export type Reporting<Context> = <Delivery extends HandedOver<Context>, R>(
  work: Work<Delivery, R>,
  refused?: (error: WebhookError) => R,
) => (delivery: Delivery) => Promise<R>

export function createReporting<Context>(observers: Observers<Context>): Reporting<Context> {
  const { onVerdict } = observers
  const warner = createWarner(observers.warn, observers.now)

  function conclude(begun: number, context: Context, report: Report): void {
    if (report.age) report.age = roundToMilliseconds(report.age)
    const event = { outcome: 'accepted' as const, ...report, duration: secondsSince(begun) }
    notify(onVerdict, withContext(event, context))
  }

  // Nothing is created for a single delivery that all of them can share.
  return (work, refused) =>
    async function reporting(delivery) {
      const { headers, context } = delivery
      const begun = onVerdict ? performance.now() : 0
      const attempt: ArrivedDelivery = { headers: reusable(headers), body: undefined }
      const report: Report = {}

      try {
        let result = work(attempt, report, delivery)
        if (isThenable(result)) result = await result
        if (onVerdict) conclude(begun, context, report)
        return result
      } catch (error) {
        if (!isWebhookError(error)) throw error
        attachDelivery(error, attempt)
        if (onVerdict) conclude(begun, context, { ...report, ...reasonOf(error) })
        else notify(warner, error)
        if (refused) return refused(error)
        throw thrownHere(error)
      }
    }
}

function reasonOf({ code, message: detail, cause }: WebhookError): Partial<VerdictEvent> {
  // The message of a schema may quote the payload.
  return { outcome: 'refused', code, detail, cause: code === 'payload_invalid' ? undefined : cause }
}
