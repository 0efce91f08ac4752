// What is weighed: application code, as small as it can be. Ceilings in bytes, minified and gzipped.
export const entries = {
  verifier: {
    ceiling: 3_000,
    code: "export { createVerifier } from 'countersign'",
  },
  'Hono + verifier + accountSecret': {
    ceiling: 6_000,
    code: `export { createVerifier } from 'countersign'
export { accountSecret } from 'countersign/account'
export { verifyWebhook } from 'countersign/hono'`,
  },
  'fetch adapter': {
    code: "export { verifyRequest, webhookHandler } from 'countersign/fetch'",
  },
  signer: {
    code: "export { createSigner } from 'countersign/sign'",
  },
}
