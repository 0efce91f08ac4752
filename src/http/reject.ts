import { type Awaitable, andThen } from '../base/awaitable.js'
import { own } from '../base/options.js'
import type { Answer } from './answer.js'
import { type NodeResponse, sendAnswer } from './node-answer.js'
import type { RejectOptions } from './receiver-options.js'

/** Creates the function that calls `onReject` for a refused delivery and returns what `onReject` returns. A delivery that was handled before is no refusal. */
export function createReject<Arguments extends readonly unknown[], Result>(
  options: RejectOptions<Arguments, Result>,
): (answer: Answer, ...args: Arguments) => Awaitable<Result | undefined> {
  const { onReject } = own(options)
  return ({ error }, ...args) => error && onReject?.(error, ...args)
}

/** The part of Node's `ServerResponse` that shows whether it has been answered. */
export interface NodeReply extends NodeResponse {
  statusCode: number
  readonly headersSent: boolean
}

/** The same for frameworks that answer on a Node response: sends the answer if `onReject` sends none. */
export function createNodeReject<Request, Response extends NodeReply>(
  options: RejectOptions<[request: Request, response: Response]>,
): (answer: Answer, request: Request, response: Response) => Awaitable<void> {
  const reject = createReject(options)
  return function rejectOnNode(answer, request, response) {
    // The default status for an answer that `onReject` sends.
    response.statusCode = answer.status
    return andThen(reject(answer, request, response), () => {
      if (!response.headersSent) sendAnswer(response, answer)
    })
  }
}
