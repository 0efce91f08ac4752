import type { Attributes, Meter } from '@opentelemetry/api'

/** The metrics, by the naming rules of OpenTelemetry: units are from UCUM, and no name holds its unit. */
const METRICS = {
  deliveries: ['countersign.deliveries', '{delivery}', 'Deliveries by outcome and code.'],
  verification: ['countersign.verification.duration', 's', 'From the first look to the verdict.'],
  age: ['countersign.delivery.age', 's', 'From signing to the verdict, for authentic deliveries.'],
  size: ['countersign.delivery.body.size', 'By', 'Bodies that were read.'],
  handler: ['countersign.handler.duration', 's', 'From the claim to its end, by result.'],
  claims: ['countersign.claims', '{claim}', 'Claims that ended, by result.'],
  storeFailures: [
    'countersign.store.failures',
    '{failure}',
    'Deliveries that met a failing store.',
  ],
  rotations: ['countersign.secret.rotations', '{rotation}', 'New keys that were seen.'],
  sourceErrors: ['countersign.source.errors', '{error}', 'Calls of onError, by reason.'],
  secretAge: ['countersign.secret.age', 's', 'Since the keys were last confirmed.'],
  nextAttempt: [
    'countersign.secret.next_attempt',
    's',
    'Until a mismatch may ask the account again.',
  ],
  refreshes: [
    'countersign.secret.refreshes',
    '{refresh}',
    'Reads of the account, by result and reason.',
  ],
} as const

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** Own buckets, because the default buckets of OpenTelemetry are for milliseconds. */
const BUCKETS = {
  verification: SECONDS,
  handler: [...SECONDS, 30, 60, 300],
  age: [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600],
  size: [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304],
}

/** The part of a counter or histogram that countersign uses. */
export type Record = (value: number, attributes: Attributes) => void

export type Instruments = ReturnType<typeof createInstruments>

export function createInstruments(meter: Meter) {
  const options = (name: keyof typeof METRICS) => {
    const [, unit, description] = METRICS[name]
    return { unit, description }
  }
  function counter(name: keyof typeof METRICS): Record {
    const instrument = meter.createCounter(METRICS[name][0], options(name))
    return (value, attributes) => instrument.add(value, attributes)
  }
  function histogram(name: keyof typeof BUCKETS): Record {
    const advice = { explicitBucketBoundaries: BUCKETS[name] }
    const instrument = meter.createHistogram(METRICS[name][0], { ...options(name), advice })
    return (value, attributes) => instrument.record(value, attributes)
  }

  return {
    deliveries: counter('deliveries'),
    verification: histogram('verification'),
    age: histogram('age'),
    size: histogram('size'),
    handler: histogram('handler'),
    claims: counter('claims'),
    storeFailures: counter('storeFailures'),
    rotations: counter('rotations'),
    sourceErrors: counter('sourceErrors'),
    secretAge: meter.createObservableGauge(METRICS.secretAge[0], options('secretAge')),
    nextAttempt: meter.createObservableGauge(METRICS.nextAttempt[0], options('nextAttempt')),
    refreshes: meter.createObservableCounter(METRICS.refreshes[0], options('refreshes')),
  }
}
