import { type Attributes, type Tracer, trace } from '@opentelemetry/api'
import type { VerdictEvent } from '../delivery/types.js'

/** Adds the verdict to the active span as attributes and one event. With `spans` it also creates a child span. */
export function traceVerdict(
  { outcome, code, duration }: VerdictEvent<unknown>,
  metricAttributes: Attributes,
  { tracer, spans }: { tracer?: Tracer | undefined; spans?: boolean | undefined },
): void {
  const active = trace.getActiveSpan()
  if (!active?.isRecording() && !spans) return
  // `error.type` of the HTTP span is not set, because a refused delivery is not an error of the server.
  const { 'error.type': type, ...attributes } = metricAttributes
  if (code !== undefined && type !== undefined) attributes['countersign.code'] = type
  active?.setAttributes(attributes)
  active?.addEvent(`countersign.${outcome}`, attributes)
  if (!spans) return
  const end = Date.now()
  const startTime = end - duration * 1000
  const own = (tracer ?? trace.getTracer('countersign')).startSpan('countersign.verify', {
    attributes,
    startTime,
  })
  own.end(end)
}
