import { type Attributes, diag, type Meter, metrics, type Tracer } from '@opentelemetry/api'
import { markObservers } from '../base/observer.js'
import { anything, callback, flag, type OptionTable, resolveOptions } from '../base/options.js'
import type { SettledEvent, VerdictEvent } from '../delivery/types.js'
import type { RefreshError } from '../sources/refresh-error.js'
import type { RotationEvent } from '../sources/rotating-options.js'
import { errorType } from './error-type.js'
import { createInstruments, type Instruments } from './instruments.js'
import { type ObservedSource, observeSource } from './observe-source.js'
import { traceVerdict } from './trace-verdict.js'

/** The argument of `attributes`. */
export type TelemetryEvent = VerdictEvent | SettledEvent

/** Options of {@link telemetry}. */
export interface TelemetryOptions {
  /** The meter for the metrics. Default: the global meter named `countersign`. */
  meter?: Meter | undefined
  /** The tracer for `spans`. Default: the global tracer named `countersign`. */
  tracer?: Tracer | undefined
  /** `true` creates a span for each verdict. Default `false`: the verdict is only added to the active span, for example that of the HTTP server. */
  spans?: boolean | undefined
  /** More attributes for the metrics and the span of one delivery. Every new value is a new series: return a few known values, never ids or paths. */
  attributes?: ((event: TelemetryEvent) => Attributes | undefined) | undefined
}

/** The observers, to spread into the options of a receiver and of a source. A callback that is not an option there is skipped. */
export interface Telemetry {
  readonly onVerdict: (event: VerdictEvent<unknown>) => void
  readonly onSettled: (event: SettledEvent<unknown>) => void
  readonly onRotate: (event: RotationEvent) => void
  readonly onError: (error: unknown) => void
  /** Measures a source at every collection: the age of its keys, its next attempt, its refreshes. Returns a function that stops it. */
  readonly observe: (source: ObservedSource, attributes?: Attributes) => () => void
}

const OPTIONS = {
  meter: anything<TelemetryOptions['meter']>(),
  tracer: anything<TelemetryOptions['tracer']>(),
  spans: flag(),
  attributes: callback<NonNullable<TelemetryOptions['attributes']>>(),
} satisfies OptionTable<TelemetryOptions>

/**
 * Reports the events of countersign as OpenTelemetry metrics and span attributes. `docs/observability.md` has the table.
 * No id, path or key fingerprint becomes an attribute. An error of a meter or tracer never affects a delivery.
 *
 * Throws a `TypeError` for an unknown or invalid option.
 *
 * @example
 * ```ts
 * import { Hono } from 'hono'
 * import { accountSecret } from 'countersign/account'
 * import { verifyWebhook } from 'countersign/hono'
 * import { telemetry } from 'countersign/otel'
 *
 * const observers = telemetry()
 * const secret = accountSecret({ token: process.env.ACCOUNT_TOKEN ?? '', ...observers })
 * observers.observe(secret)
 * new Hono().post('/webhooks', verifyWebhook({ secret, ...observers }), (c) => c.body(null, 204))
 * ```
 */
export function telemetry(options: TelemetryOptions = {}): Telemetry {
  const settings = resolveOptions(options, OPTIONS)
  let instruments: Instruments | undefined
  // Looked up late, so that an SDK that starts after this module was loaded is used.
  const use = (): Instruments =>
    (instruments ??= createInstruments(settings.meter ?? metrics.getMeter('countersign')))
  const more = (event: VerdictEvent<unknown> | SettledEvent<unknown>): Attributes | undefined =>
    // The application's function knows what its own context is.
    guarded(() => settings.attributes?.(event as TelemetryEvent))

  function onVerdict(event: VerdictEvent<unknown>): void {
    const { outcome, code, age, bytes, duration } = event
    const extra = more(event)
    const attributes = { 'countersign.outcome': outcome, ...errorType(code), ...extra }
    guarded(() => {
      const { deliveries, verification, age: ages, size, storeFailures } = use()
      deliveries(1, attributes)
      verification(duration, attributes)
      if (bytes !== undefined) size(bytes, attributes)
      // Anybody can send any timestamp, so only authentic ones count. The age is never negative, even if the sender's clock is ahead.
      if (age !== undefined && outcome !== 'refused') ages(Math.max(0, age), attributes)
      if (code === 'store_unavailable') storeFailures(1, { ...extra })
    })
    guarded(() => traceVerdict(event, attributes, settings))
  }

  function onSettled(event: SettledEvent<unknown>): void {
    const attributes = { 'countersign.result': event.outcome, ...more(event) }
    guarded(() => {
      const { claims, handler } = use()
      claims(1, attributes)
      handler(event.duration, attributes)
    })
  }

  function onRotate(): void {
    guarded(() => use().rotations(1, {}))
  }

  function onError(error: unknown): void {
    const { reason } = Object(error) as Partial<RefreshError>
    guarded(() => use().sourceErrors(1, errorType(reason ?? '_OTHER')))
  }

  function observe(source: ObservedSource, attributes: Attributes = {}): () => void {
    if (typeof source?.status !== 'function')
      throw new TypeError(
        'observe takes a source with status(): rotatingSecret() or accountSecret()',
      )
    const meter = settings.meter ?? metrics.getMeter('countersign')
    return guarded(() => observeSource(meter, use(), source, attributes)) ?? (() => {})
  }

  return markObservers({ onVerdict, onSettled, onRotate, onError, observe })
}

/** A failing meter, tracer or `attributes` is reported to OpenTelemetry's own diagnostics. */
function guarded<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    diag.error('countersign/otel', error)
    return undefined
  }
}
