import { malformed, refusal } from '../base/errors.js'

export function parseTimestamp(text: string): string {
  if (/^(0|[1-9]\d*)$/.test(text) && text.length !== 13) return text
  throw malformed(
    /^[1-9]\d{12}$/.test(text)
      ? 'webhook-timestamp is in milliseconds (13 digits); send seconds'
      : 'webhook-timestamp must be seconds since the epoch, in digits only',
  )
}

/** Refuses a delivery that was signed more than `tolerance` seconds ago or ahead. A negative age lies in the future. */
export function assertFresh(age: number, tolerance: number): void {
  const isOld = age > tolerance
  // Not `<`, so that the delivery is refused if the clock returns NaN.
  if (!isOld && age >= -tolerance) return
  const found = `${Math.round(Math.abs(age))} s ${isOld ? 'old' : 'ahead of this clock'}`
  const cause = isOld ? ', or the delivery was held up' : ''
  throw refusal(
    isOld ? 'timestamp_too_old' : 'timestamp_too_new',
    `webhook-timestamp is ${found} and the tolerance is ${tolerance} s: check the clocks of sender and receiver${cause}`,
  )
}
