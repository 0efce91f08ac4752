// What countersign is measured against, written by hand: the least a careful engineer would write.
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'

const TOLERANCE = 300

/** Node: a KeyObject that is ready, one HMAC over the bytes that arrived, a compare in constant time. */
export function verifyByHand(secret) {
  const key = createSecretKey(secret)
  return async function verify(body, headers) {
    const id = headers['webhook-id']
    const timestamp = headers['webhook-timestamp']
    if (!(Math.abs(Date.now() / 1000 - timestamp) <= TOLERANCE)) throw new Error('not fresh')
    const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
    for (const candidate of headers['webhook-signature'].split(' ')) {
      if (!candidate.startsWith('v1,')) continue
      const signature = Buffer.from(candidate.slice(3), 'base64')
      if (signature.length === expected.length && timingSafeEqual(signature, expected)) return id
    }
    throw new Error('not authentic')
  }
}

/** workerd, Bun and Deno: the same with a CryptoKey that is ready and `crypto.subtle.verify`. */
export async function verifyWithSubtle(secret) {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['verify'])
  const encoder = new TextEncoder()
  return async function verify(body, headers) {
    const id = headers['webhook-id']
    const timestamp = headers['webhook-timestamp']
    if (!(Math.abs(Date.now() / 1000 - timestamp) <= TOLERANCE)) throw new Error('not fresh')
    const prefix = encoder.encode(`${id}.${timestamp}.`)
    const content = new Uint8Array(prefix.length + body.length)
    content.set(prefix)
    content.set(body, prefix.length)
    for (const candidate of headers['webhook-signature'].split(' ')) {
      if (!candidate.startsWith('v1,')) continue
      const signature = Uint8Array.from(atob(candidate.slice(3)), (char) => char.charCodeAt(0))
      if (await crypto.subtle.verify('HMAC', key, signature, content)) return id
    }
    throw new Error('not authentic')
  }
}

/** Express: a route that reads the bytes and verifies nothing. */
export function expressRoute(app, express) {
  app.post('/webhooks', express.raw({ type: '*/*' }), (_request, response) => {
    response.sendStatus(204)
  })
}

/** Hono: a route that reads the bytes and verifies nothing. */
export function honoRoute(app) {
  app.post('/webhooks', async (c) => {
    await c.req.arrayBuffer()
    return c.body(null, 204)
  })
}

/** Express: the same route, verified by hand. */
export function expressHandRoute(app, express, secret) {
  const verify = verifyByHand(secret)
  app.post('/webhooks', express.raw({ type: '*/*' }), async (request, response) => {
    await verify(request.body, request.headers)
    JSON.parse(request.body.toString())
    response.sendStatus(204)
  })
}

/** Hono: the same route, verified by hand. */
export function honoHandRoute(app, secret) {
  const verify = verifyByHand(secret)
  app.post('/webhooks', async (c) => {
    const body = Buffer.from(await c.req.arrayBuffer())
    await verify(body, c.req.header())
    JSON.parse(body.toString())
    return c.body(null, 204)
  })
}

/** Express: a route that parses JSON and verifies nothing, as one has it before webhooks are verified. */
export function expressJsonRoute(app, express) {
  app.post('/webhooks', express.json(), (_request, response) => {
    response.sendStatus(204)
  })
}

/** Fastify: a route that takes the bytes, verified by hand. */
export function fastifyHandRoute(app, secret) {
  const verify = verifyByHand(secret)
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  app.post('/webhooks', async (request, reply) => {
    await verify(request.body, request.headers)
    JSON.parse(request.body.toString())
    return reply.code(204).send()
  })
}

/** Koa: middleware that reads the bytes, verified by hand. */
export function koaHandRoute(app, secret) {
  const verify = verifyByHand(secret)
  app.use(async (ctx) => {
    const body = await bytesOf(ctx.req)
    await verify(body, ctx.headers)
    JSON.parse(body.toString())
    ctx.status = 204
  })
}

/** node:http: a listener that reads the bytes, verified by hand. */
export function nodeHandListener(secret) {
  const verify = verifyByHand(secret)
  return async (request, response) => {
    const body = await bytesOf(request)
    await verify(body, request.headers)
    JSON.parse(body.toString())
    response.writeHead(204).end()
  }
}

/** Without a limit, which a real receiver needs. */
function bytesOf(request) {
  return new Promise((resolve, reject) => {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('error', reject)
  })
}

/** A Worker that verifies by hand. */
export function workerByHand(secret) {
  let verify
  return {
    async fetch(request) {
      verify ??= await verifyWithSubtle(secret)
      const body = new Uint8Array(await request.arrayBuffer())
      const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature']
      const headers = names.map((name) => [name, request.headers.get(name)])
      await verify(body, Object.fromEntries(headers))
      JSON.parse(new TextDecoder().decode(body))
      return new Response(null, { status: 204 })
    },
  }
}

/** The hash alone, which every verifier needs. */
export function hashAlone(secret) {
  const key = createSecretKey(secret)
  return (body) => createHmac('sha256', key).update(body).digest()
}
