import type {
  ALBEvent,
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyResult,
  Context,
  LambdaFunctionURLEvent,
} from 'aws-lambda'
import type { Awaitable } from '../src/base/awaitable.js'
import type { SecretContext, Webhook } from '../src/delivery/types.js'
import {
  assertHandler,
  createReceiver,
  createReject,
  type Endpoint,
  hasMultiValueHeaders,
  type ReceiverOptions,
  type RejectOptions,
  readEventBody,
  readEventHeaders,
  settleAfter,
} from '../src/http/index.js'

/** An event of API Gateway (REST or HTTP), a function URL or a load balancer. */
export type LambdaEvent =
  | APIGatewayProxyEvent
  | APIGatewayProxyEventV2
  | LambdaFunctionURLEvent
  | ALBEvent

/** A proxy response in the form that the event requires. */
export interface LambdaResult extends APIGatewayProxyResult {
  /** For payload version 2.0 and function URLs. */
  cookies?: string[]
  /** For load balancers. */
  statusDescription?: string
}

/** The value that a handler and `onReject` may return. */
export type LambdaReply = Partial<LambdaResult> & Pick<LambdaResult, 'statusCode'>

// biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is fine
type MaybeReply = LambdaReply | undefined | void

/** The argument of `secret` functions: `request` is the event. */
export interface LambdaContext<Event extends LambdaEvent = LambdaEvent>
  extends SecretContext<Event> {
  readonly request: Event
}

/** Options of {@link webhookHandler}. `secret` functions get `{ request }`, which is the event; `onReject` gets the error, the event and Lambda's context, and may return a response. */
export type LambdaOptions<T = unknown, Event extends LambdaEvent = LambdaEvent> = ReceiverOptions<
  T,
  LambdaContext<Event>
> &
  RejectOptions<[event: Event, context: Context], MaybeReply>

/** Runs only for authentic deliveries. If it returns nothing, the answer is 204. */
export type LambdaWebhookHandler<T = unknown, Event extends LambdaEvent = LambdaEvent> = (
  webhook: Webhook<T>,
  event: Event,
  context: Context,
) => Awaitable<MaybeReply>

/**
 * Creates a Lambda handler for API Gateway (REST and HTTP), function URLs and load balancers, with single or multi-value headers.
 * The response has the form that the event requires.
 *
 * Throws a `TypeError` for an unknown or invalid option. The handler rejects with a `TypeError` for an event that is not an HTTP request.
 * An error that `handler` throws goes to Lambda.
 *
 * @example
 * ```ts
 * import { accountSecret } from 'countersign/account'
 * import { webhookHandler } from 'countersign/lambda'
 *
 * const secret = accountSecret({ token: process.env.ACCOUNT_TOKEN ?? '' })
 * export const handler = webhookHandler({ secret }, async (webhook) => {
 *   console.log(webhook.id, webhook.payload)
 *   return { statusCode: 204 }
 * })
 * ```
 */
export function webhookHandler<T = unknown, Event extends LambdaEvent = LambdaEvent>(
  options: LambdaOptions<T, Event>,
  handler: LambdaWebhookHandler<T, Event>,
): (event: Event, context: Context) => Promise<LambdaResult> {
  const receive = createReceiver(options)
  const reject = createReject(options)
  assertHandler(handler, 'async (webhook, event) => …')

  return async function handleWebhook(event, context) {
    assertHttp(event)
    const headers = readEventHeaders(event)
    const outcome = await receive({
      headers,
      readBody: (maxBytes) => readEventBody(event, headers, maxBytes),
      context: { request: event },
      endpoint: () => endpointOf(event),
    })
    if (!('webhook' in outcome)) {
      const { status: statusCode, headers, body } = outcome
      const reply = await reject(outcome, event, context)
      return toResult(event, reply ?? { statusCode, headers, body })
    }
    const run = async () => toResult(event, await handler(outcome.webhook, event, context))
    // Settles before the answer, because Lambda may freeze the function after it.
    return settleAfter(run, ({ statusCode }) => Number(statusCode), outcome.settle)
  }
}

/**
 * API Gateway names its route, whatever the stage or base path is. `$default` takes every path.
 * Function URLs and load balancers have no routes.
 */
function endpointOf(event: LambdaEvent): Endpoint {
  const params = 'pathParameters' in event ? event.pathParameters : undefined
  if (!('rawPath' in event)) {
    return { url: event.path ?? '', pattern: 'resource' in event ? event.resource : null, params }
  }
  const { rawPath = '', routeKey = '', requestContext } = event
  const { stage, domainName = '' } = requestContext
  const url = rawPath.startsWith(`/${stage}/`) ? rawPath.slice(stage.length + 1) : rawPath
  if (!routeKey || domainName.includes('.lambda-url.')) return { url }
  return { url, pattern: routeKey.replace(/^[A-Z]+ /, ''), params }
}

function assertHttp(event: unknown): void {
  const { httpMethod, requestContext } = Object(event)
  if (httpMethod !== undefined || Object(requestContext).http !== undefined) return
  const keys = Object.keys(Object(event)).slice(0, 5).join(', ') || 'nothing'
  throw new TypeError(
    `the event is not an HTTP request: webhookHandler takes events of API Gateway (REST or HTTP), function URLs and load balancers, and this one holds ${keys}`,
  )
}

/** A load balancer requires `isBase64Encoded` and headers. If it sends multi-value headers, it reads only multi-value headers. */
function toResult(event: LambdaEvent, maybe: MaybeReply): LambdaResult {
  const reply = maybe ?? { statusCode: 204 }
  if (!Number(reply.statusCode))
    throw new TypeError(
      'the handler must return { statusCode: 200, … } with a number, or nothing for 204',
    )
  const { headers = {}, body = '', isBase64Encoded = false, ...rest } = reply
  const result = { ...rest, body, isBase64Encoded }
  const isMulti = 'elb' in Object(event.requestContext) && hasMultiValueHeaders(event)
  if (!isMulti) return { ...result, headers }
  const single = Object.entries(headers).map(([name, value]) => [name, [value]])
  const multiValueHeaders = { ...Object.fromEntries(single), ...rest.multiValueHeaders }
  return { ...result, multiValueHeaders }
}
