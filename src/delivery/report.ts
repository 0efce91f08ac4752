import { attachDelivery, isWebhookError, thrownHere, type WebhookError } from '../base/errors.js'
import { reusable } from './headers.js'
import type {
  HeadersInput,
  RefusedDelivery,
  VerdictEvent,
  VerifierOptions,
  WebhookBody,
} from './types.js'
import { createWarner } from './warn.js'

/** The future argument of `onVerdict`. It is filled in while the delivery is checked. */
export type Report = { -readonly [K in keyof VerdictEvent]?: VerdictEvent[K] }

/** The delivery as far as it has arrived. */
export interface ArrivedDelivery extends RefusedDelivery {
  body: WebhookBody | undefined
}

type Observer<E> = ((event: E) => unknown) | undefined

/** A delivery, and the function that brings it to its verdict. */
export interface Work<R, Context> {
  readonly headers: HeadersInput
  readonly context: Context
  readonly run: (attempt: ArrivedDelivery, report: Report) => Promise<R>
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
    const begun = performance.now()
    const attempt: ArrivedDelivery = { headers: reusable(headers), body: undefined }
    const report: Report = {}

    try {
      const result = await run(attempt, report)
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

/** A class, because each object literal with a getter gets its own hidden class, and only a full garbage collection frees it. */
class EventWithContext<Context> {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  get context(): Context {
    return this.#context
  }
}

/** Not an own property, so no logger prints it. The request holds the signature, and the bindings may hold the secret. */
export function withContext<Event extends object, Context>(
  event: Event,
  context: Context,
): Event & { readonly context: Context } {
  return Object.assign(new EventWithContext(context), event)
}

function reasonOf({ code, message: detail, cause }: WebhookError): Partial<VerdictEvent> {
  // The message of a schema may quote the payload.
  return { code, detail, cause: code === 'payload_invalid' ? undefined : cause }
}

/** The seconds since this time of `performance.now()`, rounded to milliseconds. */
export function secondsSince(begun: number): number {
  return roundToMilliseconds((performance.now() - begun) / 1000)
}

function roundToMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}

/** Calls an observer. If the observer fails, its error is printed and the verdict stays the same. */
export async function notify<E>(observer: Observer<E>, event: E): Promise<void> {
  try {
    await observer?.(event)
  } catch (error) {
    console.error(`countersign: observer ${observer?.name || 'without a name'} failed`, error)
  }
}
