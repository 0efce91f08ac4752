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

/** The hash alone, which every verifier needs. */
export function hashAlone(secret) {
  const key = createSecretKey(secret)
  return (body) => createHmac('sha256', key).update(body).digest()
}
