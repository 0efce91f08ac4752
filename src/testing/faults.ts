import type { IncomingMessage, ServerResponse } from 'node:http'
import { type OptionTable, optionalAmount, resolveOptions } from '../base/options.js'

/** Does something else with a call than answer it as it should; `answer` answers it. */
export type FakeAccountFault = (
  request: IncomingMessage,
  response: ServerResponse,
  answer: () => void,
) => void

/** Faults by name. `refuse` (no connection at all) is for `fail` only. */
export type FaultName = 'refuse' | 'hang' | 'reset' | 'garbage' | 'huge' | 'missing'

/** An error status, or the right answer after some time. */
export interface FaultOptions {
  /** Answers with this status and a google.rpc.Status. */
  readonly status?: number | undefined
  /** Seconds, sent as `Retry-After` beside a status. */
  readonly retryAfter?: number | undefined
  /** Seconds before the answer, of real time. */
  readonly delay?: number | undefined
}

// google.rpc.Code for the HTTP statuses that have one.
const CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  409: 10,
  429: 8,
  500: 13,
  501: 12,
  503: 14,
  504: 4,
}
const FAULT_OPTIONS = {
  status: optionalAmount(),
  retryAfter: optionalAmount(),
  delay: optionalAmount(),
} satisfies OptionTable<FaultOptions>
const HUGE = 4 * 1024 * 1024

const faults: Readonly<Record<Exclude<FaultName, 'refuse'>, FakeAccountFault>> = {
  hang: () => {},
  reset: (request) => request.socket.resetAndDestroy(),
  garbage: (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>not JSON</html>')
  },
  huge: (_, response) => {
    const info = { webhookEventsHmacSecret: 'x'.repeat(HUGE) }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ info }))
  },
  missing: (_, response) => sendJson(response, 200, {}),
}

/** Throws a `TypeError` for a fault that does not exist. */
export function toFault(fault: FakeAccountFault | FaultName | FaultOptions): FakeAccountFault {
  if (typeof fault === 'function') return fault
  if (typeof fault === 'object' && fault) return optionsFault(fault)
  const named = fault === 'refuse' ? undefined : faults[fault]
  if (named) return named
  throw new TypeError(
    `unknown fault ${String(fault)}; the faults are: ${Object.keys(faults).join(', ')}`,
  )
}

function optionsFault(fault: FaultOptions): FakeAccountFault {
  const { status, delay, ...options } = resolveFault(fault)
  return (_, response, answer) => {
    const respond = status === undefined ? answer : () => sendError(response, status, options)
    if (delay === undefined) respond()
    else setTimeout(respond, delay * 1000).unref()
  }
}

function resolveFault(fault: FaultOptions): FaultOptions {
  const options = resolveOptions(fault, FAULT_OPTIONS)
  const { status = 200 } = options
  if (Number.isInteger(status) && status >= 200 && status < 600) return options
  throw new TypeError(`status must be a whole number from 200 to 599, not ${status}`)
}

/** An error as google.rpc.Status in JSON. */
export function sendError(
  response: ServerResponse,
  status: number,
  {
    retryAfter,
    message = `status ${status}`,
  }: { retryAfter?: number | undefined; message?: string } = {},
): void {
  if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter))
  sendJson(response, status, { code: CODES[status] ?? 2, message, details: [] })
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
