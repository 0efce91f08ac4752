import { malformed, refusal } from '../base/errors.js'

export function parseTimestamp(text: string): string {
  const isWhole = /^(0|[1-9]\d*)$/.test(text)
  if (isWhole && text.length !== 13) return text
  throw malformed(
    isWhole
      ? 'webhook-timestamp is in milliseconds (13 digits); send seconds'
      : 'webhook-timestamp must be seconds since the epoch, in digits only',
  )
}

/** Refuses a delivery that was signed more than `tolerance` seconds ago or ahead. A negative age lies in the future. */
export function assertFresh(age: number, tolerance: number): void {
  const isOld = age > tolerance
  // Not `<`, so that the delivery is refused if the clock returns NaN.
  if (!isOld && age >= -tolerance) return
  const [code, side, cause] = isOld
    ? (['timestamp_too_old', 'old', ', or the delivery was held up'] as const)
    : (['timestamp_too_new', 'ahead of this clock', ''] as const)
  throw refusal(
    code,
    `webhook-timestamp is ${Math.round(Math.abs(age))} s ${side} and the tolerance is ${tolerance} s: check the clocks of sender and receiver${cause}`,
  )
}
