import type { verifyRequest, webhookHandler } from '../../adapters/fetch.js'
import type { verifyWebhook } from '../../adapters/hono.js'
import type { accountSecret } from '../../src/account/index.js'
import type {
  createVerifier,
  isWebhookError,
  memoryStore,
  rotatingSecret,
} from '../../src/index.js'
import type { createSigner, generateKeyPair, generateSecret } from '../../src/sign.js'

/** What is put to the test: the package as the runtime in question resolves it. */
export interface Library {
  readonly createVerifier: typeof createVerifier
  readonly rotatingSecret: typeof rotatingSecret
  readonly memoryStore: typeof memoryStore
  readonly isWebhookError: typeof isWebhookError
  readonly createSigner: typeof createSigner
  readonly generateSecret: typeof generateSecret
  readonly generateKeyPair: typeof generateKeyPair
  readonly accountSecret: typeof accountSecret
  readonly verifyRequest: typeof verifyRequest
  readonly webhookHandler: typeof webhookHandler
  readonly verifyWebhook: typeof verifyWebhook
}

/** An account API that can be reached from this runtime. */
export interface ReachableAccount {
  readonly baseUrl: string
  readonly token: string
}
