import { expect, test } from '@jest/globals'
import { type IdempotencyStore, memoryStore } from 'countersign'
import { webhookHandler } from 'countersign/fetch'
import { verifyWebhook } from 'countersign/hono'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'
import { Hono } from 'hono'
import { manualTimers } from '../../support/manual-timers.js'

const secret = generateSecret()
const url = 'https://localhost/webhooks'

interface Worker {
  fetch(request: Request, env: object, ctx: ExecutionContext): Response | Promise<Response>
}

interface ExecutionContext {
  waitUntil(work: Promise<unknown>): void
  passThroughOnException(): void
  props: object
}

const workers: Readonly<Record<string, (idempotency: object) => Worker>> = {
  Hono(idempotency) {
    const app = new Hono()
    const options = { secret, idempotency: idempotency as { store: IdempotencyStore } }
    app.post('/webhooks', verifyWebhook(options), (c) => c.body(null, 204))
    return { fetch: (request, env, ctx) => app.fetch(request, env, ctx) }
  },
  webhookHandler(idempotency) {
    const options = { secret, idempotency: idempotency as { store: IdempotencyStore } }
    return { fetch: webhookHandler(options, () => new Response(null, { status: 204 })) }
  },
}

test.each(Object.entries(workers))(
  '%s hands a commit that is tried again behind the answer to waitUntil',
  async (_, create) => {
    const timers = manualTimers()
    const inner = memoryStore()
    let isDown = true
    const store: IdempotencyStore = {
      ...inner,
      commit(...args) {
        if (isDown) throw new Error('the connection broke')
        return inner.commit(...args)
      },
    }
    const behind: Promise<unknown>[] = []
    const ctx = {
      waitUntil: (work: Promise<unknown>) => void behind.push(work),
      passThroughOnException() {},
      props: {},
    }
    const onError = (): void => {}
    const worker = create({ store, onError, ...timers.options })
    const { headers, body } = await signedRequest({ secret, id: 'msg_1', payload: {} })
    const request = new Request(url, {
      method: 'POST',
      headers: headers as Record<string, string>,
      body: body as BodyInit,
    })
    expect((await worker.fetch(request, {}, ctx)).status).toBe(204)
    expect(behind).toHaveLength(1)
    isDown = false
    await timers.run()
    await Promise.all(behind)
    const { state } = await inner.claim('/webhooks msg_1', { token: 'another', lease: 60 })
    expect(state).toBe('done')
  },
)
