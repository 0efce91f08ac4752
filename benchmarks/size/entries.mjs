// What is weighed: application code, as small as it can be. In bytes, minified and gzipped: what it should weigh (goal) and what it may not exceed (ceiling).
export const entries = {
  verifier: {
    goal: 4_300,
    ceiling: 7_300,
    code: "export { createVerifier } from 'countersign'",
  },
  'Hono + verifier + accountSecret': {
    goal: 9_300,
    ceiling: 19_400,
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
  'Durable Object store': {
    code: "export { DeliveryStore, durableObjectStore } from 'countersign/cloudflare'",
  },
}
