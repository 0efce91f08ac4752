import type { Settle } from '../idempotency/lease.js'

/** The part of Node's `ServerResponse` that is used. */
export interface NodeResponse {
  writeHead(status: number, headers: Record<string, string>): unknown
  end(body: string): unknown
}

/** Sends the answer to a refused delivery. */
export function sendAnswer(
  response: NodeResponse,
  answer: { status: number; headers: Readonly<Record<string, string>>; body: string },
): void {
  // Two statements: middleware that wraps writeHead may return nothing.
  response.writeHead(answer.status, answer.headers)
  response.end(answer.body)
}

/** The part of Node's `ServerResponse` (and of HTTP/2's) that tells how a handler ended. */
export interface NodeOutcome {
  readonly statusCode: number
  readonly destroyed?: boolean
  readonly writableEnded?: boolean
  /** HTTP/2's own stream. Gone with the connection on some responses. */
  readonly stream?: { readonly destroyed?: boolean } | undefined
  once(event: 'finish' | 'close', listener: () => void): unknown
}

/**
 * Settles a claim by what becomes of the response: answered, or closed before the handler had done so.
 * `false` where the sender has hung up already, so that the handler need not run: it will be sent again.
 */
export function settleWhenSent(response: NodeOutcome, settle: Settle | undefined): boolean {
  if (!settle) return true
  // HTTP/2's response is never destroyed itself.
  const isGone = response.destroyed || response.stream?.destroyed
  // Too late for events: this one has closed while the claim was on its way.
  if (isGone) settle()
  // HTTP/2's response "finishes" when its stream is reset, too.
  response.once('finish', () => settle(statusOf(response, true)))
  response.once('close', () => settle(statusOf(response, false)))
  return !isGone
}

/** The handler's answer, once it has ended it; a sender that leaves without all of it changes nothing about the work. */
function statusOf(response: NodeOutcome, byDefault: boolean): number | undefined {
  return (response.writableEnded ?? byDefault) ? response.statusCode : undefined
}
