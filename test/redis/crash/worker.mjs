// One receiving process: Express, verifyWebhook, redisStore. It may be killed at any moment, so it writes down what it did.
// Not TypeScript, because it starts often and must start fast.
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { verifyWebhook } from 'countersign/express'
import { redisStore } from 'countersign/redis'
import express from 'express'
import { Redis } from 'ioredis'
import { createClient } from 'redis'

const { ledger, redisPort, library, secret, plan } = JSON.parse(process.argv[2])

/** The page cache survives the process, so a line that was written is a fact. */
function note(step, id) {
  appendFileSync(ledger, `${step} ${id} ${Date.now()}\n`)
}

const connect = {
  ioredis() {
    const client = new Redis(redisPort, '127.0.0.1', { retryStrategy: () => 50 })
    client.on('error', () => {})
    return client
  },
  async redis() {
    const socket = { host: '127.0.0.1', port: redisPort, reconnectStrategy: () => 50 }
    // Without a listener for errors, on purpose: losing Redis must not end this process.
    return createClient({ socket }).connect()
  },
}

const inner = redisStore(await connect[library]())
const store = {
  ...inner,
  async commit(key, claim) {
    const isOurs = await inner.commit(key, claim)
    note(isOurs ? 'committed' : 'lost', key.split(' ')[1])
    return isOurs
  },
}

const app = express()
app.post(
  '/webhooks',
  verifyWebhook({ secret, idempotency: { store, lease: plan.lease } }),
  async ({ webhook: { id } }, response) => {
    note('begun', id)
    await sleep(Math.random() * plan.handlerTime)
    if (Math.random() < plan.handlerFails) throw new Error('this attempt fails')
    note('handled', id)
    response.sendStatus(204)
  },
)
app.use((_error, _request, response, _next) => response.sendStatus(500))
const server = app.listen(0, '127.0.0.1', () => process.send(server.address().port))
