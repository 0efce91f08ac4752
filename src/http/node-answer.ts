import type { Settle } from '../idempotency/lease.js'
import { watchCalls } from './watch-calls.js'

/** The part of Node's `ServerResponse` that countersign uses. */
export interface NodeResponse {
  writeHead(status: number, headers: Record<string, string>): unknown
  end(body: string): unknown
}

/** Sends the answer to a refused delivery. */
export function sendAnswer(
  response: NodeResponse,
  answer: { status: number; headers: Readonly<Record<string, string>>; body: string },
): void {
  // Two statements, because middleware may wrap `writeHead` and return nothing.
  response.writeHead(answer.status, answer.headers)
  response.end(answer.body)
}

interface Connection {
  readonly destroyed?: boolean
  once?(event: 'close', listener: () => void): unknown
  removeListener?(event: 'close', listener: () => void): unknown
}

/** The part of Node's `ServerResponse` (also of HTTP/2) that shows how a handler ended. */
export interface NodeOutcome {
  readonly statusCode: number
  readonly destroyed?: boolean
  readonly writableEnded?: boolean
  /** HTTP/2's own stream. */
  readonly stream?: { readonly destroyed?: boolean; readonly rstCode?: number } | undefined
  /** `null` as long as the response waits for its turn, because its request was sent behind another one. */
  readonly socket?: object | null
  readonly req?: { readonly socket?: Connection | null | undefined }
  once(event: 'finish' | 'close', listener: () => void): unknown
  end(...args: never[]): unknown
}

/**
 * Settles a claim by the status of the answer when the handler has ended its answer. If the sender hangs up before that, the claim
 * is held until the handler ends its answer or the lease runs out.
 * Returns `false` if the sender has already hung up. The handler then need not run, because the sender tries again.
 */
export function settleWhenSent(response: NodeOutcome, settle: Settle | undefined): boolean {
  if (!settle) return true
  const { stream } = response
  const isWaiting = response.socket === null
  const connection = isWaiting ? response.req?.socket : undefined
  // An HTTP/2 response is never destroyed itself, so its stream is checked. The response may have closed during the claim; no event follows then.
  if (response.destroyed || stream?.destroyed || connection?.destroyed) {
    settle()
    return false
  }
  const isHttp2 = stream?.rstCode !== undefined
  const settleByStatus = (): unknown => settle(response.statusCode)
  const watchEnd = (): unknown => watchCalls(response, 'end', settleByStatus)
  const closed = (): void => {
    if (response.writableEnded) return void settleByStatus()
    settle.hungUp()
    // After the sender has hung up, no event reports the end of the answer.
    if (!isWaiting) watchEnd()
  }
  // A response that waits for its turn gets no event before its turn comes, and none at all if the connection closes before.
  if (isWaiting) watchEnd()
  connection?.once?.('close', closed)
  response.once('close', closed)
  // An HTTP/2 response also "finishes" when its stream is reset. Responses of serverless platforms finish before they are marked as ended.
  response.once('finish', () => {
    connection?.removeListener?.('close', closed)
    if (isHttp2) closed()
    else settleByStatus()
  })
  return true
}
