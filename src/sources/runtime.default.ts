import type { Flight, Flights } from './flights.js'

/** One read at a time. Later requests join it. */
export function createFlights(): Flights {
  let current: Flight | undefined
  return {
    areShared: true,
    current: () => current,
    depart(flight) {
      current = flight
    },
    land(flight) {
      if (current === flight) current = undefined
    },
  }
}
