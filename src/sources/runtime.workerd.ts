import type { Flights } from './flights.js'

/** One read for each request. On Workers a promise belongs to the request that created it, and another request that waits for it hangs. */
export function createFlights(): Flights {
  return { areShared: false, current: () => undefined, depart() {}, land() {} }
}
