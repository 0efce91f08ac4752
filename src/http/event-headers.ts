type Lines = Readonly<Record<string, string[] | undefined>>

/** The part of a serverless platform's event that holds the headers. */
export interface EventHeaders {
  readonly headers?: Readonly<Record<string, string | undefined>> | null | undefined
  readonly multiValueHeaders?: Lines | null | undefined
}

/**
 * The headers of an event, for a receiver: all lines of every header if the event has them.
 * Otherwise the platform has joined the lines of a list of signatures with a comma, and they are separated again.
 */
export function readEventHeaders(
  event: EventHeaders,
): Readonly<Record<string, string | string[] | undefined>> {
  if (hasMultiValueHeaders(event)) return event.multiValueHeaders
  const lines = Object.entries(event.headers ?? {})
  return Object.fromEntries(lines.map(([name, line]) => [name, separated(line)]))
}

/** Checks whether an event has all lines of every header. A load balancer then reads only `multiValueHeaders` of the answer. */
export function hasMultiValueHeaders(
  event: EventHeaders,
): event is EventHeaders & { readonly multiValueHeaders: Lines } {
  // Load balancers and emulators that are not configured for them send none, or an empty object.
  return Object.keys(event.multiValueHeaders ?? {}).length > 0
}

/** Inside a signature, a comma without a space has another meaning. Only a list of signatures begins with a version; a webhook-id may hold commas, so it stays as it is. */
function separated(line: string | undefined): string | undefined {
  if (typeof line !== 'string' || !/^v\d\w*,/.test(line)) return line
  return line.replace(/,(?=v\d\w*,)/g, ' ')
}
