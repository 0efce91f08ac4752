import type { WebhookError } from '../base/errors.js'
import type { VerifierOptions } from '../delivery/types.js'

/** Prints one line per cause and minute if the receiver's own setup causes refusals. */
export type Warner = (error: WebhookError) => unknown

/** Only codes that the receiver can fix, so that no stranger can make a receiver print a line. */
const CODES = /^(body|secret|store)_unavailable$/
const MINUTE = 60_000

/** `undefined` if nothing is to be printed. */
export function createWarner(
  warn: VerifierOptions['warn'],
  now: () => number | Date,
): Warner | undefined {
  if (warn === false) return undefined
  const printed = new Map<string, number>()

  return (error) => {
    const { code, message, quiet } = error
    const isOurs = code === 'signature_undecided' ? isTokenRefused(error.cause) : CODES.test(code)
    if (quiet || !isOurs) return undefined
    const cause = causeOf(error)
    const at = +now()
    if (isRecent(printed.get(cause), at)) return undefined
    printed.set(cause, at)
    return print(warn, `countersign refuses deliveries (${code}): ${inOneLine(message)}`)
  }
}

/** When each line was printed last, for each place where lines go. */
const shared = new Map<unknown, Map<string, number>>()
const MOST_LINES = 100

/**
 * A `warn` option for receivers that are made for one delivery each. They share the memory of what was printed, so each line is still printed
 * only once a minute. A function that is written inline is another one at each call, so functions with the same text count as one.
 */
export function sharedWarn(
  warn: VerifierOptions['warn'],
  now: () => number | Date = Date.now,
): VerifierOptions['warn'] {
  if (warn !== undefined && warn !== true && typeof warn !== 'function') return warn
  return (text) => {
    const place = typeof warn === 'function' ? String(warn) : console.warn
    const lines = shared.get(place) ?? new Map<string, number>()
    shared.set(place, lines)
    const at = +now()
    if (isRecent(lines.get(text), at)) return
    if (lines.size >= MOST_LINES) lines.clear()
    lines.set(text, at)
    return print(warn, text) as undefined
  }
}

/** In both directions, so that a clock that was set back does not silence a line for longer. */
function isRecent(last: number | undefined, at: number): boolean {
  return last !== undefined && !(Math.abs(at - last) >= MINUTE)
}

/** Prints one line in the way that the option says. */
export function print(warn: VerifierOptions['warn'], text: string): unknown {
  if (warn === false) return undefined
  // Looked up at each call, because tests and platforms replace it.
  return typeof warn === 'function' ? warn(text) : console.warn(text)
}

/** Limits the number of causes, whatever the application throws. */
function causeOf({ code, cause }: WebhookError): string {
  if (cause === undefined) return code
  return `${code} ${isTokenRefused(cause) ? 'token' : 'failed'}`
}

/** Then `signature_undecided`, too, is the receiver's own fault. */
function isTokenRefused(cause: unknown): boolean {
  return Object(cause).reason === 'unauthorized'
}

function inOneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ')
}
