import { Hono } from 'hono'
import type { FetchHandler } from '../../adapters/fetch.js'
import { type Case, equal } from './check.js'
import type { Library } from './library.js'

const BODY = '{ "type": "ping" }'
const LIMIT = 1000
/** For `verifyRequest`, which leaves the answer to its caller. */
const STATUS: Record<string, number> = {
  header_missing: 400,
  signature_mismatch: 401,
  body_too_large: 413,
  body_encoding_unsupported: 415,
  body_unavailable: 500,
}

/** The same delivery through `webhookHandler`, `verifyRequest` and Hono, as this runtime's own `Request`. */
interface Bench {
  readonly secret: string
  /** Status and code of the answer. */
  send(request: Request): Promise<[status: number, code?: string]>
  /** A signed request, its body at once or in chunks. */
  request(changes?: Changes): Promise<Request>
}

interface Changes {
  readonly body?: string
  readonly secret?: string
  readonly chunked?: boolean
  readonly headers?: Record<string, string>
}

const table: Record<string, (bench: Bench) => Promise<void>> = {
  accepted: async ({ send, request }) => {
    equal(await send(await request()), [204])
    equal(await send(await request({ chunked: true })), [204])
  },
  'a forgery': async ({ send, request }) => {
    const secret = 'wh_BwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSY='
    equal(await send(await request({ secret })), [401, 'signature_mismatch'])
  },
  'no headers': async ({ send }) => {
    const bare = new Request('http://127.0.0.1/', { method: 'POST', body: BODY })
    equal(await send(bare), [400, 'header_missing'])
  },
  'no body': async ({ send, request }) => {
    const { headers } = await request()
    const bare = new Request('http://127.0.0.1/', { method: 'POST', headers })
    equal(await send(bare), [401, 'signature_mismatch'])
  },
  'too large': async ({ send, request }) => {
    const body = JSON.stringify('x'.repeat(LIMIT))
    equal(await send(await request({ body })), [413, 'body_too_large'])
    equal(await send(await request({ body, chunked: true })), [413, 'body_too_large'])
    const headers = { 'content-length': '5' }
    equal(await send(await request({ body, headers })), [413, 'body_too_large'])
  },
  'an endless body is not read to its end': async ({ send, request }) => {
    const { headers } = await request()
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(400)),
    })
    const init = { method: 'POST', headers, body, duplex: 'half' }
    const endless = new Request('http://127.0.0.1/', init as RequestInit)
    equal(await send(endless), [413, 'body_too_large'])
  },
  'a body that breaks off': async ({ send, request }) => {
    const { headers } = await request()
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error('gone')),
    })
    const init = { method: 'POST', headers, body, duplex: 'half' }
    const broken = new Request('http://127.0.0.1/', init as RequestInit)
    equal(await send(broken), [500, 'body_unavailable'])
  },
  'an encoded body': async ({ send, request }) => {
    const headers = { 'content-encoding': 'gzip' }
    equal(await send(await request({ headers })), [415, 'body_encoding_unsupported'])
  },
  'a body that has been read': async ({ send, request }) => {
    const spent = await request()
    await spent.text()
    equal(await send(spent), [500, 'body_unavailable'])
  },
}

export function adapterCases(library: Library): readonly Case[] {
  const accepted = () => new Response(null, { status: 204 })
  const refused = (error: unknown) => {
    if (!library.isWebhookError(error)) throw error
    return Response.json({ code: error.code }, { status: STATUS[error.code] ?? 500 })
  }
  const secret = library.generateSecret()
  const options = { secret, maxBodyBytes: LIMIT }
  const app = new Hono()
  app.post('/', library.verifyWebhook(options), (c) => c.body(null, 204))
  const handlers: Record<string, FetchHandler> = {
    fetch: library.webhookHandler(options, () => {}),
    verifyRequest: (request) => library.verifyRequest(request, options).then(accepted, refused),
    hono: async (request) => app.fetch(request),
  }
  return Object.entries(handlers).flatMap(([adapter, handler]) =>
    Object.entries(table).map(([name, run]) => ({
      name: `${adapter}: ${name}`,
      run: () => run(createBench(library, handler, secret)),
    })),
  )
}

function createBench({ createSigner }: Library, handler: FetchHandler, secret: string): Bench {
  return {
    secret,
    async send(request) {
      const response = await handler(request)
      const text = await response.text()
      return text ? [response.status, JSON.parse(text).code] : [response.status]
    },
    async request({ body = BODY, secret: signing = secret, chunked, headers } = {}) {
      const signed = await createSigner({ secret: signing })(body)
      const init = { method: 'POST', headers: { ...signed, ...headers }, duplex: 'half' }
      const content = chunked ? inChunks(body) : body
      return new Request('http://127.0.0.1/', { ...init, body: content } as RequestInit)
    },
  }
}

function inChunks(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7))
      controller.close()
    },
  })
}
