export { type Clock, clock } from './clock.js'
export {
  type FakeAccount,
  type FakeAccountOptions,
  type FakeAccountStep,
  fakeAccount,
} from './fake-account.js'
export type { FakeAccountFault, FaultName, FaultOptions } from './faults.js'
export type { LambdaEventOptions, LambdaEvents, LambdaEventVersion } from './lambda-events.js'
export type { MatcherOptions, WebhookMatchers } from './matcher-types.js'
export { type Delivery, type MatcherResult, matchers } from './matchers.js'
export {
  type RequestContent,
  type SignedRequest,
  type SignedRequestOptions,
  signedRequest,
} from './signed-request.js'
export { type StoreCase, type StoreContractOptions, storeContract } from './store-contract.js'
export {
  duplicatedRequest,
  futureRequest,
  type RotatedRequestOptions,
  rotatedRequest,
  type ShiftedRequestOptions,
  staleRequest,
  tamperedRequest,
  wrongKeyRequest,
} from './variants.js'
