export { asError, thrownHere } from '../base/errors.js'
export { isObserver } from '../base/observer.js'
export { callback, own } from '../base/options.js'
export { bodyBrokenOff, bodyTooLarge, bodyUnavailable } from '../delivery/body.js'
export type { Settle } from '../idempotency/lease.js'
export { sharedWarn } from '../verify/warner.js'
export { type Answer, STATUS } from './answer.js'
export { assertHandler } from './assert-handler.js'
export { type Endpoint, plainPath, withoutHost } from './endpoint.js'
export { type EventBody, readEventBody } from './event-body.js'
export { type EventHeaders, hasMultiValueHeaders, readEventHeaders } from './event-headers.js'
export type { IncomingDelivery } from './incoming-delivery.js'
export { keepWebhook, keptWebhook } from './kept-webhook.js'
export { type NodeResponse, sendAnswer, settleWhenSent } from './node-answer.js'
export { type NodeRequest, type ParsedRequest, readNodeBody } from './node-body.js'
export { replayNodeBody } from './node-replay.js'
export { type AcceptedDelivery, createReceiver, type Receiver } from './receiver.js'
export type { ReceiverOptions, RejectOptions } from './receiver-options.js'
export { createNodeReject, createReject, type NodeReply } from './reject.js'
export { settleAfter } from './settle-after.js'
export { type TextOrigin, textBytes } from './text-body.js'
export {
  createVerifyOnlyReceiver,
  receiverFor,
  type VerifyOnlyOptions,
  webhookOf,
} from './verify-only-receiver.js'
export { watchCalls } from './watch-calls.js'
export { type KeptBody, type KeptOrigin, readKeptBody, readWebBody } from './web-body.js'
