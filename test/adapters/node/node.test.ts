import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { isWebhookError, memoryStore } from 'countersign'
import { type NodeOptions, verifyWebhook, webhookHandler } from 'countersign/node'
import { generateSecret } from 'countersign/sign'
import { type SignedRequestOptions, signedRequest } from 'countersign/testing'
import { z } from 'zod'
import { overSocket } from '../contract/contract.js'
import type { Outgoing, Send } from '../contract/raw-http.js'

const secret = generateSecret()

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function listen(listener: RequestListener): Promise<Send> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return overSocket((server.address() as AddressInfo).port)
}

async function delivery(options: Partial<SignedRequestOptions> = {}): Promise<Outgoing> {
  const { body, headers } = await signedRequest({ secret, ...options })
  return { headers: Object.entries(headers), body }
}

describe('verifyWebhook', () => {
  const start = (options: Parameters<typeof verifyWebhook>[0]) => {
    const verify = verifyWebhook(options)
    return listen((request, response) => {
      verify(request).then(
        (webhook) => response.end(webhook.id),
        (error) => response.writeHead(418).end(isWebhookError(error) ? error.code : String(error)),
      )
    })
  }

  test('resolves to the webhook or rejects with a WebhookError, and sends nothing', async () => {
    const send = await start({ secret })
    expect(await send(await delivery({ id: 'msg_1' }))).toMatchObject({
      status: 200,
      text: 'msg_1',
    })
    const forged = await send(await delivery({ secret: generateSecret() }))
    expect(forged).toMatchObject({ status: 418, text: 'signature_mismatch' })
    const large = await delivery({ body: `"${'x'.repeat(2_000_000)}"` })
    expect(await send(large)).toMatchObject({ status: 418, text: 'body_too_large' })
  })
  test('rejects with the stack of the call', async () => {
    const verify = verifyWebhook({ secret })
    const send = await listen((request, response) => {
      verify(request).catch((error) => response.end(error.stack))
    })
    expect((await send({ headers: [], body: Buffer.from('{}') }))?.text).toMatch(/\n +at /)
  })
  test('the payload is typed by the schema', async () => {
    const verify = verifyWebhook({ secret, schema: z.object({ n: z.number() }) })
    const send = await listen(async (request, response) => {
      const n: number = (await verify(request)).payload.n
      response.end(String(n))
    })
    expect((await send(await delivery({ payload: { n: 7 } })))?.text).toBe('7')
  })
  test.each([
    ['idempotency', { idempotency: memoryStore() }],
    ['onReject', { onReject: () => {} }],
  ])('%s is refused: it does not answer', (name, option) => {
    const create = () => verifyWebhook({ secret, ...option })
    expect(create).toThrow(TypeError)
    expect(create).toThrow(new RegExp(`${name}.*webhookHandler`))
    expect(() => verifyWebhook({ secret, [name]: undefined })).not.toThrow()
  })
})

describe('webhookHandler', () => {
  const boom = new Error('boom')

  test('a handler that throws is printed and answered 500, and the server lives on', async () => {
    const print = jest.spyOn(console, 'error').mockImplementation(() => {})
    try {
      const send = await listen(webhookHandler({ secret }, () => Promise.reject(boom)))
      for (let i = 0; i < 2; i++) {
        expect(await send(await delivery())).toMatchObject({ status: 500, text: '' })
      }
      const line = ['countersign: a webhook handler failed', boom]
      expect(print.mock.calls).toEqual([line, line])
    } finally {
      print.mockRestore()
    }
  })
  test('onError may answer in place of the 500', async () => {
    const onError: NodeOptions['onError'] = (_error, _request, response) =>
      response.writeHead(502).end('mine')
    const send = await listen(webhookHandler({ secret, onError }, () => Promise.reject(boom)))
    expect(await send(await delivery())).toMatchObject({ status: 502, text: 'mine' })
  })
  test('an answer of onError without a status is a 500', async () => {
    const onError: NodeOptions['onError'] = (_error, _request, response) => response.end('mine')
    const send = await listen(webhookHandler({ secret, onError }, () => Promise.reject(boom)))
    expect(await send(await delivery())).toMatchObject({ status: 500, text: 'mine' })
  })
  test.each<[string, NonNullable<NodeOptions['onError']>]>([
    ['throws', () => Promise.reject(new Error('logger down'))],
    ['answers a second time', (_error, _request, response) => response.writeHead(500).end()],
  ])('onError that %s is printed: the sender is not left waiting', async (_how, onError) => {
    const print = jest.spyOn(console, 'error').mockImplementation(() => {})
    try {
      let hasBegun = false
      const handle = (_request: unknown, response: ServerResponse) => {
        if (hasBegun) response.writeHead(200, { 'content-length': '10' }).write('half')
        throw boom
      }
      const send = await listen(webhookHandler({ secret, onError }, handle))
      expect(await send(await delivery())).toMatchObject({ status: 500 })
      hasBegun = true
      expect(await send(await delivery())).toBeUndefined()
      expect(print).toHaveBeenCalled()
    } finally {
      print.mockRestore()
    }
  })
  test('an answer of onReject without a status has the status of the contract', async () => {
    const onReject: NodeOptions['onReject'] = ({ code }, _request, response) => response.end(code)
    const send = await listen(webhookHandler({ secret, onReject }, () => {}))
    const answer = await send(await delivery({ secret: generateSecret() }))
    expect(answer).toMatchObject({ status: 401, text: 'signature_mismatch' })
  })
  test('a handler that throws in the middle of its answer breaks it off', async () => {
    const onError = () => {}
    const send = await listen(
      webhookHandler({ secret, onError }, (_request, response) => {
        response.writeHead(200, { 'content-length': '10' }).write('half')
        throw boom
      }),
    )
    expect(await send(await delivery())).toBeUndefined()
  })
  test('the handler may answer later', async () => {
    const send = await listen(
      webhookHandler({ secret }, (_request, response, webhook) => {
        setImmediate(() => response.end(webhook.id))
      }),
    )
    expect((await send(await delivery({ id: 'msg_1' })))?.text).toBe('msg_1')
  })
  test('an answer other than 2xx leaves the delivery to the next attempt', async () => {
    let runs = 0
    const receive = webhookHandler({ secret, idempotency: memoryStore() }, (_request, response) => {
      response.writeHead(++runs === 1 ? 500 : 202).end()
    })
    const send = await listen(receive)
    const request = await delivery()
    for (const status of [500, 202, 200]) expect((await send(request))?.status).toBe(status)
    expect(runs).toBe(2)
  })
  test('a handler that throws releases the claim, whatever onError answers', async () => {
    let runs = 0
    const onError: NodeOptions['onError'] = (_error, _request, response) =>
      response.writeHead(200).end()
    const receive = webhookHandler(
      { secret, onError, idempotency: memoryStore() },
      (_request, response) => {
        if (++runs === 1) throw boom
        response.writeHead(202).end()
      },
    )
    const send = await listen(receive)
    const request = await delivery()
    for (const status of [200, 202, 200]) expect((await send(request))?.status).toBe(status)
    expect(runs).toBe(2)
  })
  test('a handler that throws after its answer has been handled', async () => {
    let runs = 0
    const options = { secret, onError: () => {}, idempotency: memoryStore() }
    const receive = webhookHandler(options, (_request, response) => {
      runs++
      response.writeHead(202).end()
      throw boom
    })
    const send = await listen(receive)
    const request = await delivery()
    for (const status of [202, 200]) expect((await send(request))?.status).toBe(status)
    expect(runs).toBe(1)
  })
  test('a handler that throws after a long answer does not cut it off', async () => {
    const length = 5_000_000
    const send = await listen(
      webhookHandler({ secret, onError: () => {} }, (_request, response) => {
        response.writeHead(200, { 'content-length': length }).end(Buffer.alloc(length, 'x'))
        throw boom
      }),
    )
    expect((await send(await delivery()))?.text).toHaveLength(length)
  })
  test('a request without a URL, as a mock, is at the root', async () => {
    const store = memoryStore()
    const receive = webhookHandler({ secret, idempotency: store }, (_request, response) => {
      response.writeHead(204).end()
    })
    const send = await listen((request, response) =>
      receive(Object.assign(request, { url: undefined }), response),
    )
    expect((await send(await delivery({ id: 'msg_1' })))?.status).toBe(204)
    const claim = { token: 'another', lease: 60 }
    expect(await store.claim(' msg_1', claim)).toMatchObject({ state: 'done' })
  })
  test('options and handler are checked at once', () => {
    const accept = () => {}
    expect(() => webhookHandler({ secret, tollerance: 1 } as NodeOptions, accept)).toThrow(
      TypeError,
    )
    expect(() => webhookHandler({ secret, onError: 1 as never }, accept)).toThrow(TypeError)
    expect(() => webhookHandler({ secret }, undefined as never)).toThrow(TypeError)
  })
})
