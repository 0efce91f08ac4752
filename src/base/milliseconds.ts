/** Converts seconds to whole milliseconds for databases and timers. At least one, and at most a trillion, which is long enough for any purpose. */
export function toMilliseconds(seconds: number): number {
  return Math.min(Math.max(Math.ceil(seconds * 1000), 1), 1e12)
}
