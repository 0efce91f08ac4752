import { type LambdaOptions, webhookHandler } from 'countersign/lambda'
import { andThen } from '../../../src/base/awaitable.js'
import { adapterContract, type Harness, type Setup } from '../contract/contract.js'
import {
  functionUrl,
  type Gateway,
  httpApi,
  LAMBDA_CONTEXT,
  loadBalancer,
  multiValueLoadBalancer,
  restApi,
  toIncoming,
} from './gateways.js'

const GATEWAY = 'the gateway sees to that; no event comes of it'

const cannot: Harness['cannot'] = {
  'Content-Length announces too much: refused before the body is there': GATEWAY,
  'Content-Length says less than what is sent': GATEWAY,
  'one byte more than the limit, and no end: refused without waiting for it': GATEWAY,
  'the framework answers other methods': GATEWAY,
  'the sender disconnects half way: the handler never runs, and the server stays up': GATEWAY,
  'the stream has been read: refused with the fix in words, no hang': 'an event is no stream',
}

function harness(gateway: Gateway, alsoCannot: Harness['cannot'] = {}): Harness {
  return {
    cannot: { ...cannot, ...alsoCannot },
    start({ options, reject, before, handle, onError }: Setup) {
      const onReject: LambdaOptions['onReject'] =
        reject &&
        ((error, event) =>
          andThen(
            reject(error, event),
            (answer) => answer && { statusCode: answer.status, body: answer.text },
          ))
      const receive = webhookHandler({ ...options, onReject }, (webhook, event) =>
        handle(webhook, event),
      )
      return {
        async send(request) {
          const event = gateway.toEvent(request)
          if (before === 'json') Object.assign(event, { body: JSON.parse(event.body ?? '') })
          try {
            return toIncoming(gateway, await receive(event, LAMBDA_CONTEXT))
          } catch (error) {
            onError(error)
            return { status: 500, headers: new Headers(), text: 'Internal Server Error' }
          }
        },
        close() {},
      }
    },
  }
}

adapterContract('Lambda behind API Gateway REST (v1)', harness(restApi))
const joined = {
  'two lines of one header': 'version 2.0 joins lines with a bare comma, see below',
}
adapterContract('Lambda behind API Gateway HTTP (v2)', harness(httpApi, joined))
adapterContract(
  'Lambda behind a function URL, all base64',
  harness(functionUrl, {
    ...joined,
    'a JSON parser ran first: refused with the fix in words, no hang': 'tried with text',
    'a JSON parser ran first: a tampered body is not accepted either': 'tried with text',
  }),
)
adapterContract(
  'Lambda behind a load balancer',
  harness(loadBalancer, { 'two lines of one header': 'only the last line reaches the event' }),
)
adapterContract(
  'Lambda behind a load balancer with multi-value headers',
  harness(multiValueLoadBalancer),
)
