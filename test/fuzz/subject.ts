// What is attacked. It is bundled twice, once over each crypto backend.
import { mac } from '#crypto'

export { verifyWebhook as onExpress } from '../../adapters/express.js'
export { verifyWebhook as onFastify } from '../../adapters/fastify.js'
export { webhookHandler as onFetch } from '../../adapters/fetch.js'
export { verifyWebhook as onHono } from '../../adapters/hono.js'
export { verifyWebhook as onKoa } from '../../adapters/koa.js'
export { webhookHandler as onLambda } from '../../adapters/lambda.js'
export { webhookHandler as onNode } from '../../adapters/node.js'
export { createAccountClient } from '../../src/account/index.js'
export { parseDelivery } from '../../src/cli/capture/read-delivery.js'
export { main } from '../../src/cli/main.js'
export { kvSnapshot } from '../../src/cloudflare/kv-snapshot.js'
export { diagnose } from '../../src/diagnose/index.js'
export { createReceiver, readEventBody, readNodeBody, readWebBody } from '../../src/http/index.js'
export { createVerifier, isWebhookError, keyIdOf, rotatingSecret } from '../../src/index.js'
export { postgresSnapshot } from '../../src/postgres/postgres-snapshot.js'
export { redisSnapshot } from '../../src/redis/redis-snapshot.js'
export { RefreshError } from '../../src/sources/refresh-error.js'

/** `node` or `web`. */
export const backend: string = mac.constructor.name === 'Function' ? 'node' : 'web'
