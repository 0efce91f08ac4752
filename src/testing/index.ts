export {
  type FakeAccount,
  type FakeAccountFault,
  type FakeAccountOptions,
  fakeAccount,
} from './fake-account.js'
export { type SignedRequest, type SignedRequestOptions, signedRequest } from './signed-request.js'
