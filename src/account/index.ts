export { AccountError } from './account-error.js'
export { type AccountSecret, type AccountSecretOptions, accountSecret } from './account-secret.js'
export {
  type AccountClient,
  type AccountClientOptions,
  type CallOptions,
  createAccountClient,
  type Fetch,
} from './client.js'
export type * from './models.js'
