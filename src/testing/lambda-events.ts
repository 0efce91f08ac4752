import type { SignedHeaders } from '../sign.js'

/** Which of the events a delivery becomes: payload version 2.0 (HTTP APIs, function URLs), 1.0 (REST APIs), or a load balancer's. */
export type LambdaEventVersion = '2.0' | '1.0' | 'alb'

export interface LambdaEventOptions {
  /** Default `/webhooks`. */
  path?: string | undefined
  /** As the platform does for media types it takes for binary. Default: where the body is no text. */
  base64?: boolean | undefined
}

interface EventSource {
  readonly text: string
  readonly base64: string
  readonly headers: SignedHeaders & { 'content-type': string }
}

type Build = (source: EventSource, options: LambdaEventOptions) => object
type Built<B extends Build> = ReturnType<B>

/** The events, in the shapes that `@types/aws-lambda` gives them. */
export const lambdaEvents = {
  '2.0': (source: EventSource, options: LambdaEventOptions) => {
    const path = options.path ?? '/webhooks'
    return {
      version: '2.0',
      routeKey: `POST ${path}`,
      rawPath: path,
      rawQueryString: '',
      headers: { ...source.headers },
      requestContext: {
        accountId: '123456789012',
        apiId: 'api-id',
        domainName: 'localhost',
        domainPrefix: 'localhost',
        http: { method: 'POST', path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' },
        requestId: 'request-id',
        routeKey: `POST ${path}`,
        stage: '$default',
        time: '01/Jan/2026:00:00:00 +0000',
        timeEpoch: 1_767_225_600_000,
      },
      ...bodyOf(source, options),
    }
  },
  '1.0': (source: EventSource, options: LambdaEventOptions) => ({
    ...lines(source, options),
    pathParameters: null,
    stageVariables: null,
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    resource: options.path ?? '/webhooks',
    requestContext: { ...REST_CONTEXT, path: options.path ?? '/webhooks' },
  }),
  alb: (source: EventSource, options: LambdaEventOptions) => ({
    ...lines(source, options),
    requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:test' } },
  }),
} satisfies Record<LambdaEventVersion, Build>

/** The type of each event. */
export type LambdaEvents = { [V in LambdaEventVersion]: Built<(typeof lambdaEvents)[V]> }

function lines(source: EventSource, options: LambdaEventOptions) {
  const pairs = Object.entries(source.headers)
  return {
    httpMethod: 'POST',
    path: options.path ?? '/webhooks',
    headers: { ...source.headers },
    multiValueHeaders: Object.fromEntries(pairs.map(([name, value]) => [name, [value]])),
    ...bodyOf(source, options),
  }
}

function bodyOf({ text, base64 }: EventSource, options: LambdaEventOptions) {
  const isBase64Encoded = options.base64 ?? false
  return { body: isBase64Encoded ? base64 : text, isBase64Encoded }
}

const REST_CONTEXT = {
  accountId: '123456789012',
  apiId: 'api-id',
  authorizer: null,
  protocol: 'HTTP/1.1',
  httpMethod: 'POST',
  identity: {
    accessKey: null,
    accountId: null,
    apiKey: null,
    apiKeyId: null,
    caller: null,
    clientCert: null,
    cognitoAuthenticationProvider: null,
    cognitoAuthenticationType: null,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    principalOrgId: null,
    sourceIp: '127.0.0.1',
    user: null,
    userAgent: null,
    userArn: null,
  },
  stage: 'test',
  requestId: 'request-id',
  requestTimeEpoch: 1_767_225_600_000,
  resourceId: 'resource-id',
  resourcePath: '/webhooks',
}
