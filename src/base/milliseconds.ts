/** Whole milliseconds, at least one, as databases and timers want them. A trillion is as good as for ever. */
export function toMilliseconds(seconds: number): number {
  return Math.min(Math.max(Math.ceil(seconds * 1000), 1), 1e12)
}
