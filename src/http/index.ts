export { asError, thrownHere } from '../base/errors.js'
export { isObserver } from '../base/observer.js'
export { callback, own } from '../base/options.js'
export { bodyBrokenOff, bodyTooLarge, bodyUnavailable } from '../delivery/body.js'
export { sharedWarn } from '../delivery/warn.js'
export type { Settle } from '../idempotency/lease.js'
export { type Endpoint, plainPath, withoutHost } from './endpoint.js'
export { type EventBody, readEventBody } from './event-body.js'
export { type NodeResponse, sendAnswer, settleWhenSent } from './node-answer.js'
export { type NodeRequest, type ParsedRequest, readNodeBody } from './node-body.js'
export { replayNodeBody } from './node-replay.js'
export {
  type AcceptedDelivery,
  type Answer,
  createReceiver,
  type IncomingDelivery,
  type Receiver,
  type ReceiverOptions,
  type RejectOptions,
  STATUS,
} from './receiver.js'
export { settleAfter } from './settle-after.js'
export { type TextOrigin, textBytes } from './text-body.js'
export { readWebBody } from './web-body.js'
