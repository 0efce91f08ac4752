export { isWebhookError, WebhookError, type WebhookErrorCode } from './base/errors.js'
export { keyIdOf } from './delivery/key-id.js'
export type * from './delivery/types.js'
export { type MemoryStoreOptions, memoryStore } from './idempotency/memory-store.js'
export type {
  ClaimResult,
  IdempotencyInput,
  IdempotencyOptions,
  IdempotencyStore,
} from './idempotency/store.js'
export { RefreshError, type RefreshErrorReason } from './sources/refresh-error.js'
export type {
  RefreshCounts,
  RotatingSecret,
  RotatingSecretOptions,
  RotatingSecretStatus,
  RotationEvent,
} from './sources/rotating-options.js'
export { rotatingSecret } from './sources/rotating-secret.js'
export type { SecretSnapshot } from './sources/snapshot.js'
export { createVerifier } from './verify.js'
