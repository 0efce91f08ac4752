/** What is under way to the account. Which kind there is, the export conditions choose: `#runtime`. */
export interface Flights<Flight> {
  /** May a request wait for what another has begun, and work go on behind an answer? */
  readonly areShared: boolean
  /** The flight that a request may join. */
  current(): Flight | undefined
  depart(flight: Flight): void
  land(flight: Flight): void
}
