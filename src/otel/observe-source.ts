import type { Attributes, BatchObservableResult, Meter } from '@opentelemetry/api'
import type { RotatingSecretStatus } from '../sources/rotating-options.js'
import { errorType } from './error-type.js'
import type { Instruments } from './instruments.js'

/** A source that `observe` accepts: `rotatingSecret()` or `accountSecret()`. */
export interface ObservedSource {
  status(): RotatingSecretStatus
}

/** Reads the status of the source at every collection. Returns a function that stops it. */
export function observeSource(
  meter: Meter,
  { secretAge, nextAttempt, refreshes }: Instruments,
  source: ObservedSource,
  attributes: Attributes,
): () => void {
  const instruments = [secretAge, nextAttempt, refreshes]

  function collect(result: BatchObservableResult): void {
    const { age, nextAttemptIn, refreshes: counts } = source.status()
    if (age !== undefined) result.observe(secretAge, age, attributes)
    result.observe(nextAttempt, nextAttemptIn, attributes)
    for (const [reason, count] of Object.entries(counts)) {
      result.observe(refreshes, count, { ...attributes, ...outcomeOf(reason) })
    }
  }

  meter.addBatchObservableCallback(collect, instruments)
  return () => meter.removeBatchObservableCallback(collect, instruments)
}

function outcomeOf(reason: string): Attributes {
  if (reason === 'succeeded') return { 'countersign.result': 'succeeded' }
  return { 'countersign.result': 'failed', ...errorType(reason) }
}
