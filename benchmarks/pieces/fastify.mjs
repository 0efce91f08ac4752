// A Fastify route that verifies, against the same route verified by hand.
import { verifyWebhook } from 'countersign/fastify'
import fastify from 'fastify'
import { fastifyHandRoute } from '../baselines.mjs'
import { timeRatio } from '../compare.mjs'
import { SECRET } from '../delivery.mjs'
import { processorTime } from '../processor.mjs'

export const servers = {
  verifyWebhook: (listening) =>
    listen((app) => {
      app.register(verifyWebhook({ secret: SECRET }))
      app.register(async (scope) => {
        scope.post('/webhooks', async (_request, reply) => reply.code(204).send())
      })
    }, listening),
  hand: (listening) => listen((app) => fastifyHandRoute(app, SECRET), listening),
}

async function listen(mount, listening) {
  const app = fastify()
  mount(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  listening(app.server.address().port)
}

export async function run() {
  const row = await timeRatio({
    measure:
      'Fastify 5: server processor time per request, 1 KiB, against a parser as buffer, hand-written HMAC and `JSON.parse`',
    ours: processorTime('fastify', 'verifyWebhook'),
    theirs: processorTime('fastify', 'hand'),
    most: 1,
  })
  return { rows: [row] }
}
