import type { Settle } from './idempotency/lease.js'

/** The part of Node's `ServerResponse` that is used. */
export interface NodeResponse {
  writeHead(status: number, headers: Record<string, string>): { end(body: string): unknown }
}

/** Sends the answer to a refused delivery. */
export function sendAnswer(
  response: NodeResponse,
  answer: { status: number; headers: Readonly<Record<string, string>>; body: string },
): void {
  response.writeHead(answer.status, answer.headers).end(answer.body)
}

/** The part of Node's `ServerResponse` that tells how a handler ended. */
export interface NodeOutcome {
  readonly statusCode: number
  readonly destroyed?: boolean
  once(event: 'finish' | 'close', listener: () => void): unknown
}

/**
 * Settles a claim by what becomes of the response: sent whole, or closed before.
 * `false` where the sender has hung up already, so that the handler need not run: it will be sent again.
 */
export function settleWhenSent(response: NodeOutcome, settle: Settle | undefined): boolean {
  if (!settle) return true
  // Too late for events: this one has closed while the claim was on its way.
  if (response.destroyed) settle()
  response.once('finish', () => settle(response.statusCode))
  response.once('close', () => settle())
  return !response.destroyed
}
