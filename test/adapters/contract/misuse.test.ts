import { describe, expect, test } from '@jest/globals'
import { memoryStore } from 'countersign'
import { webhookHandler as fetchHandler, verifyRequest } from 'countersign/fetch'
import { webhookHandler as lambdaHandler } from 'countersign/lambda'
import { webhookHandler as nodeHandler, verifyWebhook as verifyNode } from 'countersign/node'
import { SECRET } from './signed.js'

const options = { secret: SECRET }

describe.each<[string, (handler: never) => unknown, string]>([
  ['fetch', (it) => fetchHandler(options, it), 'async (webhook, { request }) => …'],
  ['lambda', (it) => lambdaHandler(options, it), 'async (webhook, event) => …'],
  ['node', (it) => nodeHandler(options, it), '(req, res, webhook) => …'],
])('webhookHandler of countersign/%s', (_name, create, example) => {
  test.each([undefined, null, {}, 'handle'])(
    'with the handler %p says what to write',
    (handler) => {
      expect(() => create(handler as never)).toThrow(
        new TypeError(`handler must be a function: webhookHandler(options, ${example})`),
      )
    },
  )
})

describe.each<[string, (options: never) => unknown]>([
  ['verifyRequest', (it) => verifyRequest(new Request('http://127.0.0.1/'), it)],
  ['verifyWebhook', async (it) => verifyNode(it)],
])('%s, which does not answer,', (name, verify) => {
  test.each([{ idempotency: memoryStore() }, { onReject() {} }])(
    'refuses %p by its own name',
    async (option) => {
      await expect(verify({ ...options, ...option } as never)).rejects.toThrow(
        new TypeError(
          `${name} does not answer, so it takes no idempotency and no onReject: use webhookHandler, or catch the WebhookError`,
        ),
      )
    },
  )
})
