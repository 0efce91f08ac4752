/** Throws a `TypeError` for a handler that is not a function. `example` is a handler with its arguments, for the message. */
export function assertHandler(handler: unknown, example: string): void {
  if (typeof handler !== 'function')
    throw new TypeError(`handler must be a function: webhookHandler(options, ${example})`)
}
