/** A clock that stands still until it is moved. Hand it in as `now`. */
export interface Clock {
  /** Milliseconds since the epoch. */
  (): number
  /** Moves it on by seconds; backwards for a negative number. */
  advance(seconds: number): void
  /** Sets it to a time: a `Date`, milliseconds since the epoch, or anything `Date` can read. */
  set(time: Date | number | string): void
}

/**
 * A clock for tests: the option `now` of verifiers, signers and secrets takes it.
 * Throws a `TypeError` for what is not a time.
 *
 * @example
 * ```ts
 * import { createVerifier } from 'countersign'
 * import { generateSecret } from 'countersign/sign'
 * import { clock, signedRequest } from 'countersign/testing'
 * const [now, secret] = [clock('2026-01-01T00:00:00Z'), generateSecret()]
 * const verify = createVerifier({ secret, now })
 * const { body, headers } = await signedRequest({ secret, now })
 * now.advance(301)
 * await verify.check(body, headers) // timestamp_too_old
 * ```
 */
export function clock(start: Date | number | string = Date.now()): Clock {
  let time = millisecondsOf(start)
  return Object.assign(() => time, {
    advance(seconds: number) {
      time = millisecondsOf(time + seconds * 1000)
    },
    set(next: Date | number | string) {
      time = millisecondsOf(next)
    },
  })
}

function millisecondsOf(time: Date | number | string): number {
  const milliseconds = new Date(time).getTime()
  if (Number.isNaN(milliseconds)) {
    throw new TypeError(
      `a clock needs a time: a valid Date, milliseconds since the epoch or text such as '2026-01-01T00:00:00Z', not ${describe(time)}`,
    )
  }
  return milliseconds
}

function describe(time: unknown): string {
  return typeof time === 'string' ? JSON.stringify(time) : String(time)
}
