import { once } from 'node:events'
import { describe, expect, jest, test } from '@jest/globals'
import { isWebhookError, memoryStore, rotatingSecret, type WebhookError } from 'countersign'
import { type VerifyRequestOptions, verifyRequest, webhookHandler } from 'countersign/fetch'
import { generateSecret } from 'countersign/sign'
import { type SignedRequestOptions, signedRequest } from 'countersign/testing'
import { z } from 'zod'
import { manualTimers } from '../../support/manual-timers.js'

const secret = generateSecret()
const payload = { type: 'ping' }

async function delivery(options: Partial<Omit<SignedRequestOptions, 'body'>> = {}) {
  const { body, headers } = await signedRequest({ secret, payload, ...options })
  const init = { method: 'POST', headers, body: body as Uint8Array<ArrayBuffer> }
  return new Request('http://127.0.0.1/', init)
}

describe('verifyRequest', () => {
  test('resolves to the webhook, typed by the schema', async () => {
    const schema = z.object({ type: z.string() })
    const webhook = await verifyRequest(await delivery({ id: 'msg_1' }), { secret, schema })
    const type: string = webhook.payload.type
    expect([webhook.id, type]).toEqual(['msg_1', 'ping'])
  })

  test('throws a WebhookError', async () => {
    const refused = (request: Request, options = { secret }) =>
      verifyRequest(request, options).then(
        () => 'accepted',
        (error: WebhookError) => isWebhookError(error) && error.code,
      )
    expect(await refused(await delivery({ secret: generateSecret() }))).toBe('signature_mismatch')
    expect(await refused(new Request('http://127.0.0.1/'))).toBe('header_missing')
    const spent = await delivery()
    await spent.text()
    expect(await refused(spent)).toBe('body_unavailable')
    const limited = { secret, maxBodyBytes: 3 }
    expect(await refused(await delivery(), limited)).toBe('body_too_large')
  })

  test('prepares an options object once', async () => {
    const read = jest.fn(() => secret)
    const options = {
      get secret() {
        return read()
      },
    }
    for (let i = 0; i < 3; i++) await verifyRequest(await delivery(), options)
    const once = read.mock.calls.length
    await verifyRequest(await delivery(), options)
    expect(read.mock.calls.length).toBe(once)
  })

  test('hands bindings and waitUntil to the secret', async () => {
    const waitUntil = jest.fn()
    const seen: unknown[] = []
    const options = {
      secret: (context: { env?: { SECRET: string }; request?: Request; waitUntil?: unknown }) => {
        seen.push(context.request, context.waitUntil)
        return context.env?.SECRET
      },
    }
    const request = await delivery()
    await verifyRequest(request, options, { env: { SECRET: secret }, waitUntil })
    expect(seen).toEqual([request, waitUntil])
  })

  test.each(['idempotency', 'onReject'])('%s belongs to webhookHandler', async (name) => {
    const request = await delivery()
    const options = { secret, [name]: () => undefined }
    await expect(verifyRequest(request, options)).rejects.toThrow(/webhookHandler/)
    await expect(verifyRequest(request, options)).rejects.toThrow(
      'takes no idempotency and no onReject: use webhookHandler',
    )
    expect((await verifyRequest(request, { secret, [name]: undefined })).payload).toEqual(payload)
  })

  test('no options at all is a TypeError that says what is missing', async () => {
    // @ts-expect-error: a secret is needed
    await expect(verifyRequest(await delivery())).rejects.toThrow(/secret/)
  })

  test.each([
    ['a function', () => secret],
    ['a list', [secret]],
    ['bytes', new Uint8Array(32)],
  ])('%s in place of the options is a TypeError that says so', async (_, options) => {
    const rejected = verifyRequest(await delivery(), Object(options))
    await expect(rejected).rejects.toThrow(/^options must be an object, such as \{ secret \}/)
  })

  test('an option that is unknown is a TypeError', async () => {
    // @ts-expect-error: misspelt
    await expect(verifyRequest(await delivery(), { secrets: secret })).rejects.toThrow(TypeError)
  })
})

describe('verifyRequest with options that are written inline', () => {
  const refuse = async (options: Partial<VerifyRequestOptions>) =>
    verifyRequest(await delivery(), { secret: () => undefined, ...options }).catch(() => {})

  test('warns once per cause and minute through console.warn', async () => {
    const printed = jest.spyOn(console, 'warn').mockImplementation(() => undefined)
    let time = Date.now()
    for (const seconds of [0, 1, 58, 2]) {
      time += seconds * 1000
      await refuse({ now: () => time })
    }
    expect(printed).toHaveBeenCalledTimes(2)
    await refuse({ secret: () => '' })
    expect(printed).toHaveBeenCalledTimes(3)
    await refuse({ warn: false })
    await refuse({ onVerdict: () => {} })
    expect(printed).toHaveBeenCalledTimes(3)
    printed.mockRestore()
  })

  test('warns once per cause and minute through a function, written inline too', async () => {
    const lines: string[] = []
    for (let times = 0; times < 3; times++) await refuse({ warn: (text) => void lines.push(text) })
    expect(lines).toEqual([expect.stringMatching(/secret function returned nothing.*check/)])
  })

  test.each([null, 7, 'off'])('warn: %p is a TypeError', async (warn) => {
    const options = { secret, warn } as never
    await expect(verifyRequest(await delivery(), options)).rejects.toThrow(/^warn must be/)
  })
})

describe('webhookHandler', () => {
  test('204 if the handler returns nothing, otherwise its own answer', async () => {
    const silent = webhookHandler({ secret }, () => {})
    expect((await silent(await delivery())).status).toBe(204)
    const loud = webhookHandler({ secret }, ({ id }) => new Response(id, { status: 202 }))
    const answer = await loud(await delivery({ id: 'msg_1' }))
    expect([answer.status, await answer.text()]).toEqual([202, 'msg_1'])
  })

  test('never runs the handler for a forgery', async () => {
    const handler = jest.fn(() => {})
    const answer = await webhookHandler(
      { secret },
      handler,
    )(await delivery({ secret: generateSecret() }))
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ code: 'signature_mismatch' })
    expect(handler).not.toHaveBeenCalled()
  })

  test('as a Worker: secret from env, and both handed to the handler', async () => {
    const handler = jest.fn((_webhook: unknown, { env }: { env?: { NAME: string } }) =>
      Response.json(env?.NAME),
    )
    const fetch = webhookHandler({ secret: ({ env }) => env.SECRET }, handler)
    const answer = await fetch(await delivery(), { SECRET: secret, NAME: 'worker' }, {})
    expect(await answer.json()).toBe('worker')
  })

  test('a refresh behind the answer is handed to ctx.waitUntil', async () => {
    let now = Date.now()
    const source = rotatingSecret({ fetch: () => secret, maxAge: 60, now: () => now })
    await source.refresh()
    now += 61_000
    const kept: Promise<unknown>[] = []
    const ctx = {
      waitUntil(this: unknown, promise: Promise<unknown>) {
        expect(this).toBe(ctx)
        kept.push(promise)
      },
    }
    const handle = webhookHandler({ secret: source }, () => {})
    expect((await handle(await delivery(), {}, ctx)).status).toBe(204)
    expect(kept).toHaveLength(1)
    await Promise.all(kept)
    source.close()
  })

  test('a sender that hangs up while the handler is at work: its success counts', async () => {
    const sender = new AbortController()
    const handler = jest.fn(() => sender.abort())
    const handle = webhookHandler({ secret, idempotency: memoryStore() }, handler)
    const { signal } = sender
    await handle(new Request(await delivery({ id: 'msg_1' }), { signal }))
    expect((await handle(await delivery({ id: 'msg_1' }))).status).toBe(200)
    expect(handler).toHaveBeenCalledTimes(1)
  })

  test('a sender that hangs up while the handler is at work: held, and no longer renewed', async () => {
    let now = 0
    const store = memoryStore({ now: () => now })
    const [sender, release] = [new AbortController(), new AbortController()]
    const timers = manualTimers()
    let calls = 0
    const handle = webhookHandler(
      { secret, idempotency: { store, ...timers.options } },
      async () => {
        if (calls++ > 0) return
        sender.abort()
        await once(release.signal, 'abort')
      },
    )
    const first = handle(new Request(await delivery({ id: 'msg_1' }), sender))
    while (calls === 0) await new Promise((resolve) => setImmediate(resolve))
    expect((await handle(await delivery({ id: 'msg_1' }))).status).toBe(503)
    now = 60_000
    await timers.run()
    expect((await handle(await delivery({ id: 'msg_1' }))).status).toBe(204)
    release.abort()
    await first
    expect(calls).toBe(2)
  })

  test('other platforms’ second and third arguments do no harm', async () => {
    const handle = webhookHandler({ secret }, () => {})
    for (const rest of [[], [null, null], [{ params: {} }], [{ remoteAddr: {} }, 'x']]) {
      expect((await handle(await delivery(), ...rest)).status).toBe(204)
    }
  })

  test('onReject sees error and context and may answer', async () => {
    const handle = webhookHandler(
      { secret, onReject: ({ code }, { request }) => new Response(`${code} ${request.method}`) },
      () => {},
    )
    const answer = await handle(await delivery({ secret: generateSecret() }))
    expect(await answer.text()).toBe('signature_mismatch POST')
  })

  test.each([
    ['an event', async () => ({ request: await delivery(), params: {} })],
    ['nothing', async () => undefined],
  ])('%s in place of the request is a TypeError that says what to write', async (_name, make) => {
    const wrong = (await make()) as unknown as Request
    const handle = webhookHandler({ secret }, () => {})
    await expect(handle(wrong)).rejects.toThrow(/\(\{ request \}\)/)
    await expect(verifyRequest(wrong, { secret })).rejects.toThrow(TypeError)
  })

  test('misuse is a TypeError at creation', () => {
    // @ts-expect-error: no handler
    expect(() => webhookHandler({ secret })).toThrow(TypeError)
    // @ts-expect-error: misspelt
    expect(() => webhookHandler({ secrets: secret }, () => {})).toThrow(TypeError)
  })
})
