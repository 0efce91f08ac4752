import type { Attributes } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'

/** The real SDK in memory, and what it would export now. */
export function createMetrics() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reader] })

  async function collect(): Promise<readonly MetricData[]> {
    const { resourceMetrics, errors } = await reader.collect()
    if (errors.length) throw errors[0]
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)
  }
  return {
    meter: provider.getMeter('test'),
    collect,
    /** Each series of one metric as `attributes → value`, or the number of values of a histogram. */
    async series(name: string): Promise<Record<string, number>> {
      const found = (await collect()).find(({ descriptor }) => descriptor.name === name)
      const points = found?.dataPoints ?? []
      return Object.fromEntries(
        points.map((point) => [keyOf(point.attributes), numberOf(point.value)]),
      )
    },
    close: () => provider.shutdown(),
  }
}

function keyOf(attributes: Attributes): string {
  return Object.values(attributes).sort().join(' ')
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Object(value).count
}
