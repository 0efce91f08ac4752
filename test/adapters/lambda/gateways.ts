import type { Context } from 'aws-lambda'
import type { LambdaEvent, LambdaResult } from 'countersign/lambda'
import type { Incoming, Outgoing } from '../contract/raw-http.js'

/** How AWS hands a request to a function, and reads what it returns. */
export interface Gateway {
  toEvent(request: Outgoing): LambdaEvent
  /** Strict: what this gateway would not read is an error. */
  headersOf(result: LambdaResult): Headers
}

type Lines = Record<string, string[]>

/** API Gateway REST, payload version 1.0: names as sent; the last line, and all lines. */
export const restApi: Gateway = {
  toEvent: (request) =>
    event({ ...bodyOf(request), httpMethod: 'POST', ...lastLines(request), ...allLines(request) }),
  headersOf: singleHeaders,
}

/** API Gateway HTTP and function URLs, payload version 2.0: lower-case names, lines joined. */
export const httpApi: Gateway = {
  toEvent: (request) => event({ ...version2(request), ...bodyOf(request) }),
  headersOf: singleHeaders,
}

/** As function URLs do it if the body's type is not known to be text. */
export const functionUrl: Gateway = {
  toEvent: (request) => event({ ...version2(request), ...base64(request) }),
  headersOf: singleHeaders,
}

export const loadBalancer: Gateway = {
  toEvent: (request) => event({ ...elb, ...bodyOf(request), ...lastLines(request) }),
  headersOf(result) {
    if (typeof result.isBase64Encoded !== 'boolean') throw new Error('isBase64Encoded is missing')
    return singleHeaders(result)
  },
}

export const multiValueLoadBalancer: Gateway = {
  toEvent: (request) => event({ ...elb, ...bodyOf(request), ...allLines(request) }),
  headersOf({ headers, multiValueHeaders, isBase64Encoded }) {
    if (typeof isBase64Encoded !== 'boolean') throw new Error('isBase64Encoded is missing')
    if (headers || !multiValueHeaders) throw new Error('the headers must be multi-value only')
    const lines = Object.entries(multiValueHeaders)
    return new Headers(lines.flatMap(([name, values]) => values.map((value) => [name, `${value}`])))
  },
}

export const LAMBDA_CONTEXT = { functionName: 'webhooks', awsRequestId: 'r1' } as Context

export function toIncoming(gateway: Gateway, result: LambdaResult): Incoming {
  const body = Buffer.from(result.body, result.isBase64Encoded ? 'base64' : 'utf8')
  return { status: result.statusCode, headers: gateway.headersOf(result), text: body.toString() }
}

const elb = {
  httpMethod: 'POST',
  path: '/webhooks',
  requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:…' } },
}

/** The rest of an event plays no part. */
function event(parts: object): LambdaEvent {
  return { path: '/webhooks', requestContext: { stage: 'prod' }, ...parts } as LambdaEvent
}

function version2(request: Outgoing): object {
  const lines = Object.entries(linesOf(request))
  const headers = lines.map(([name, values]) => [name.toLowerCase(), values.join(',')])
  const http = { method: 'POST', path: '/webhooks' }
  return {
    version: '2.0',
    rawPath: '/webhooks',
    headers: Object.fromEntries(headers),
    requestContext: { http },
  }
}

function bodyOf(request: Outgoing): object {
  if (request.body.length === 0) return { body: null, isBase64Encoded: false }
  const text = Buffer.from(request.body).toString()
  const isText = Buffer.compare(Buffer.from(text), request.body) === 0
  return isText ? { body: text, isBase64Encoded: false } : base64(request)
}

function base64({ body }: Outgoing): object {
  return { body: Buffer.from(body).toString('base64'), isBase64Encoded: true }
}

function linesOf({ headers, chunked, body }: Outgoing): Lines {
  // A map, since a header may be called `__proto__`.
  const lines = new Map<string, string[]>()
  if (!chunked) lines.set('content-length', [String(body.length)])
  for (const [name, value] of headers) lines.set(name, [...(lines.get(name) ?? []), value])
  return Object.fromEntries(lines)
}

function allLines(request: Outgoing): { multiValueHeaders: Lines } {
  return { multiValueHeaders: linesOf(request) }
}

function lastLines(request: Outgoing): object {
  const lines = Object.entries(linesOf(request))
  return { headers: Object.fromEntries(lines.map(([name, values]) => [name, values.at(-1)])) }
}

function singleHeaders({ headers, multiValueHeaders }: LambdaResult): Headers {
  if (!headers || multiValueHeaders) throw new Error('the headers must be single')
  return new Headers(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
