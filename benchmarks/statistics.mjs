export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** `4.12 µs`, `1.3 ms`. */
export function duration(nanoseconds) {
  if (nanoseconds < 1e6) return `${(nanoseconds / 1e3).toPrecision(3)} µs`
  return `${(nanoseconds / 1e6).toPrecision(3)} ms`
}

export function rate(perSecond) {
  return `${Math.round(perSecond).toLocaleString('en-US')}/s`
}
