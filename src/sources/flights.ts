/** The reads of the account that are in progress. The package import `#runtime` chooses the kind. */
export interface Flights<Flight> {
  /** `true` if a request may wait for a read that another request started, and work may continue after an answer. */
  readonly areShared: boolean
  /** The flight that a request may join. */
  current(): Flight | undefined
  depart(flight: Flight): void
  land(flight: Flight): void
}
