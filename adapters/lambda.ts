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
  createReceiver,
  type Endpoint,
  own,
  type ReceiverOptions,
  type RejectOptions,
  readEventBody,
  settleAfter,
} from '../src/http/index.js'

/** The events of API Gateway (REST and HTTP), function URLs and load balancers. */
export type LambdaEvent =
  | APIGatewayProxyEvent
  | APIGatewayProxyEventV2
  | LambdaFunctionURLEvent
  | ALBEvent

/** A proxy response in the shape that the event asks for. */
export interface LambdaResult extends APIGatewayProxyResult {
  /** Payload version 2.0 and function URLs. */
  cookies?: string[]
  /** Load balancers. */
  statusDescription?: string
}

/** What a handler and `onReject` may return. */
export type LambdaReply = Partial<LambdaResult> & Pick<LambdaResult, 'statusCode'>

// biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is fine
type MaybeReply = LambdaReply | undefined | void

/** What `secret` functions get: the event. */
export interface LambdaContext<Event extends LambdaEvent = LambdaEvent>
  extends SecretContext<Event> {
  readonly request: Event
}

/** Options of {@link webhookHandler}. `secret` functions get `{ request }`, which is the event; `onReject` may return the response. */
export type LambdaOptions<T = unknown, Event extends LambdaEvent = LambdaEvent> = ReceiverOptions<
  T,
  LambdaContext<Event>
> &
  RejectOptions<[event: Event, context: Context], MaybeReply>

/** Runs for authentic deliveries only. Returning nothing answers 204. */
export type LambdaWebhookHandler<T = unknown, Event extends LambdaEvent = LambdaEvent> = (
  webhook: Webhook<T>,
  event: Event,
  context: Context,
) => Awaitable<MaybeReply>

/**
 * A Lambda handler behind API Gateway (REST and HTTP), a function URL or a load balancer, with single or multi-value headers;
 * the response takes the shape that the event asks for.
 *
 * Throws a `TypeError` for an option that is unknown or wrong, and for an event that is no HTTP request.
 * What `handler` throws is left to Lambda.
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
  const { onReject } = own(options)
  if (typeof handler !== 'function')
    throw new TypeError(
      'handler must be a function: webhookHandler(options, async (webhook, event) => …)',
    )

  return async function handleWebhook(event, context) {
    const lines = headersOf(event)
    const outcome = await receive({
      headers: lines,
      readBody: (maxBytes) => readEventBody(event, lines, maxBytes),
      context: { request: event },
      endpoint: () => endpointOf(event),
    })
    if ('webhook' in outcome) {
      const run = async () => toResult(event, await handler(outcome.webhook, event, context))
      // Before the answer: what is left for afterwards may freeze with the function.
      return settleAfter(run, ({ statusCode }) => Number(statusCode), outcome.settle)
    }
    const { error, status, headers, body } = outcome
    const reply = error && (await onReject?.(error, event, context))
    return toResult(event, reply ?? { statusCode: status, headers, body })
  }
}

/**
 * API Gateway says which of its routes it is, whatever stage or base path the request came through. `$default` takes every path.
 * Function URLs and load balancers know no routes.
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

type Lines = Readonly<Record<string, string | string[] | undefined>>

/** All lines of every header, where the event has them. */
function headersOf(event: LambdaEvent): Lines {
  if (!isHttp(event)) {
    throw new TypeError(
      'the event is no HTTP request: webhookHandler takes the events of API Gateway (REST or HTTP), function URLs and load balancers',
    )
  }
  return multiValueHeaders(event) ?? singleHeaders(event)
}

function isHttp(event: unknown): event is LambdaEvent {
  const { httpMethod, requestContext } = Object(event)
  return httpMethod !== undefined || Object(requestContext).http !== undefined
}

/** Absent in payload version 2.0, and from load balancers that are not set to send them. */
function multiValueHeaders(event: LambdaEvent): Lines | undefined {
  const lines = 'multiValueHeaders' in event ? event.multiValueHeaders : undefined
  return lines && Object.keys(lines).length > 0 ? lines : undefined
}

/** Payload version 2.0 joins lines with a bare comma, which inside a signature stands for something else. */
function singleHeaders({ headers }: LambdaEvent): Lines {
  const lines = Object.entries(headers ?? {})
  return Object.fromEntries(lines.map(([name, line]) => [name, separated(line)]))
}

/** An id may hold commas; only a list of signatures begins with a version. */
function separated(line: string | undefined): string | undefined {
  if (typeof line !== 'string' || !/^v\d\w*,/.test(line)) return line
  return line.replace(/,(?=v\d\w*,)/g, ' ')
}

/** A load balancer asks for `isBase64Encoded` and headers; one that sends multi-value headers reads no others. */
function toResult(event: LambdaEvent, maybe: MaybeReply): LambdaResult {
  const reply = maybe ?? { statusCode: 204 }
  if (!Number(reply.statusCode))
    throw new TypeError('a handler must return { statusCode, … } or nothing')
  const { headers = {}, body = '', isBase64Encoded = false, ...rest } = reply
  const result = { ...rest, body, isBase64Encoded }
  if (!('elb' in (event.requestContext ?? {}) && multiValueHeaders(event)))
    return { ...result, headers }
  const single = Object.entries(headers).map(([name, value]) => [name, [value]])
  return {
    ...result,
    multiValueHeaders: { ...Object.fromEntries(single), ...rest.multiValueHeaders },
  }
}
