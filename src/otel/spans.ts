import { type Attributes, type Tracer, trace } from '@opentelemetry/api'
import type { VerdictEvent } from '../delivery/types.js'

/** The verdict as attributes and one event of the active span; with `spans` a span of its own as well, whose parent that is. */
export function traceVerdict(
  { outcome, code, duration }: VerdictEvent<unknown>,
  metricAttributes: Attributes,
  { tracer, spans }: { tracer?: Tracer | undefined; spans?: boolean | undefined },
): void {
  const active = trace.getActiveSpan()
  if (!active?.isRecording() && !spans) return
  // `error.type` of an HTTP span is its own: a delivery that was refused is not an error of the server.
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
