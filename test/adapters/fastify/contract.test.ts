import type { AddressInfo } from 'node:net'
import { isWebhookError } from 'countersign'
import { type FastifyOptions, verifyWebhook } from 'countersign/fastify'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { andThen } from '../../../src/base/awaitable.js'
import { adapterContract, type Harness, overSocket, type Setup } from '../contract/contract.js'
import { overHttp2 } from '../contract/over-http2.js'

/** With an error handler of the application's own, or with Fastify's. */
function harness(
  handleErrors: (app: FastifyInstance, setup: Setup) => unknown,
  {
    create = (): FastifyInstance => Fastify({ forceCloseConnections: true }),
    sendTo = overSocket,
  } = {},
): Harness {
  return {
    async start(setup: Setup) {
      const { options, reject, before, handle } = setup
      const onReject: FastifyOptions['onReject'] =
        reject &&
        ((error, request, reply) =>
          // Not the reply itself: Fastify's replies are thenable.
          andThen(reject(error, request), (answer) => {
            if (answer) reply.code(answer.status).send(answer.text)
          }))
      const app = create()
      handleErrors(app, setup)
      // Fastify's own refuses an empty body before it says that there is no such route.
      app.addContentTypeParser('application/json', (_request, _payload, done) => done(null))
      app.register(async (scope) => {
        if (before !== 'nothing') scope.addHook('onRequest', (request) => drain(request, before))
        scope.register(verifyWebhook({ ...options, onReject }))
        scope.post('/webhooks', async (request, reply) => {
          handle(request.webhook, request)
          return reply.code(204).send()
        })
      })
      await app.listen({ port: 0, host: '127.0.0.1' })
      return {
        send: sendTo((app.server.address() as AddressInfo).port),
        close: () => app.close(),
      }
    },
  }
}

async function drain(request: FastifyRequest, before: 'json' | 'drain'): Promise<void> {
  let text = ''
  for await (const chunk of request.raw) text += chunk
  if (before === 'json') request.body = JSON.parse(text)
}

function listen(app: FastifyInstance, { onError }: Setup): void {
  app.addHook('onError', async (_request, _reply, error) => {
    if (!isWebhookError(error)) onError(error)
  })
}

adapterContract("Fastify 5 with Fastify's own error handling", harness(listen))
adapterContract(
  'Fastify 5 with an error handler that passes refusals on',
  harness((app, { onError }) =>
    app.setErrorHandler((error, _request, reply) => {
      if (isWebhookError(error)) return reply.send(error)
      onError(error)
      return reply.code(500).send('failed')
    }),
  ),
)
adapterContract('Fastify 5 over HTTP/2', {
  ...harness(listen, {
    // Fastify's types distinguish the two protocols; the application here does not.
    create: () => Fastify({ http2: true }) as unknown as FastifyInstance,
    sendTo: overHttp2,
  }),
  cannot: {
    'Content-Length says less than what is sent': 'HTTP/2 resets such a stream itself',
  },
})
