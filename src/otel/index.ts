export type { ObservedSource } from './observe-source.js'
export {
  type Telemetry,
  type TelemetryEvent,
  type TelemetryOptions,
  telemetry,
} from './telemetry.js'
