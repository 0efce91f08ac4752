import { refusal } from '../base/errors.js'

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
