import { createVerifier, isWebhookError, memoryStore, rotatingSecret } from 'countersign'
import { accountSecret } from 'countersign/account'
import { verifyRequest, webhookHandler } from 'countersign/fetch'
import { verifyWebhook } from 'countersign/hono'
import { createSigner, generateKeyPair, generateSecret } from 'countersign/sign'
import type { Library } from './library.js'

/** The package as its users import it. */
export const library: Library = {
  createVerifier,
  rotatingSecret,
  memoryStore,
  isWebhookError,
  createSigner,
  generateKeyPair,
  generateSecret,
  accountSecret,
  verifyRequest,
  webhookHandler,
  verifyWebhook,
}

// Not of the suite: its only import is OpenTelemetry's API.
export { telemetry } from 'countersign/otel'
