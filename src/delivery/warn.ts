import type { WebhookError, WebhookErrorCode } from '../base/errors.js'
import type { VerifierOptions } from './types.js'

/** Prints one line per cause and minute if the receiver's own setup causes refusals. */
export type Warner = (error: WebhookError) => unknown

/** Only codes that the receiver can fix, so that no stranger can make a receiver print a line. */
const CODES: readonly WebhookErrorCode[] = [
  'body_unavailable',
  'secret_unavailable',
  'store_unavailable',
]
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
    if (quiet || !CODES.includes(code)) return undefined
    const cause = causeOf(error)
    const at = +now()
    const last = printed.get(cause)
    if (last !== undefined && !(Math.abs(at - last) >= MINUTE)) return undefined
    printed.set(cause, at)
    return print(warn, `countersign refuses deliveries (${code}): ${inOneLine(message)}`)
  }
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
  return `${code} ${Object(cause).reason === 'unauthorized' ? 'token' : 'failed'}`
}

function inOneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break in a message must not break the log line
  return text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ')
}
