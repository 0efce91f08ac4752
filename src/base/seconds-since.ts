/** The seconds since this time of `performance.now()`, rounded to milliseconds. */
export function secondsSince(begun: number): number {
  return roundToMilliseconds((performance.now() - begun) / 1000)
}

export function roundToMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}
