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
  /** HTTP/2's own stream. */
  readonly stream?: { readonly destroyed?: boolean; readonly rstCode?: number } | undefined
  once(event: 'finish' | 'close', listener: () => void): unknown
  end(...args: never[]): unknown
}

/**
 * Settles a claim when the handler has ended its answer, by the answer's status. If the sender hangs up before that, the claim
 * stays held until the handler ends its answer all the same, or the lease runs out.
 * `false` if the sender has hung up already, so that the handler need not run: the delivery will be sent again.
 */
export function settleWhenSent(response: NodeOutcome, settle: Settle | undefined): boolean {
  if (!settle) return true
  const { stream } = response
  // HTTP/2's response is never destroyed itself. Both are too late for events: this one has closed while the claim was on its way.
  if (response.destroyed || stream?.destroyed) {
    settle()
    return false
  }
  const isHttp2 = stream?.rstCode !== undefined
  const settleByStatus = (): unknown => settle(response.statusCode)
  const hungUp = (): void => {
    settle.hungUp()
    // Nobody listens any more, so no event will tell.
    whenEnded(response, settleByStatus)
  }
  // HTTP/2's response "finishes" when its stream is reset, too. Those of serverless platforms finish before they say that they have ended.
  response.once('finish', () => (!isHttp2 || response.writableEnded ? settleByStatus() : hungUp()))
  response.once('close', () => (response.writableEnded ? settleByStatus() : hungUp()))
  return true
}

function whenEnded(response: NodeOutcome, ended: () => unknown): void {
  const { end } = response
  response.end = function (...args) {
    const result = end.apply(this, args)
    ended()
    return result
  }
}
