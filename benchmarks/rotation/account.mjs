// A real account API on loopback that can be made to misbehave in every way that is known.
import { createServer } from 'node:http'
import { generateSecret } from './built.mjs'

const LATE = 2_000

/** What the account does in place of answering as it should. */
const faults = {
  'connection refused': (_request, response) => response.socket.destroy(),
  hang: () => {},
  slow: (_request, response, answer) => setTimeout(answer, LATE, response),
  429: (_request, response) => response.writeHead(429, { 'retry-after': '1' }).end('{}'),
  500: (_request, response) => response.writeHead(500).end('{}'),
  401: (_request, response) => response.writeHead(401).end('{}'),
  html: (_request, response) => response.end('<html>'),
  'other JSON': (_request, response) => response.end('{"info":{"webhookEventsHmacSecret":42}}'),
  'short secret': (_request, response) =>
    response.end('{"info":{"webhookEventsHmacSecret":"wh_asdf1234"}}'),
  '10 MB': (_request, response) => response.end(Buffer.alloc(10_000_000, ' ')),
  'never ending': (_request, response) => {
    const timer = setInterval(() => response.write(' '), 50)
    response.on('close', () => clearInterval(timer))
  },
  'reset half way': (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' }).write('{"info":{"webhook')
    setTimeout(() => response.socket?.destroy(), 10)
  },
  'redirect elsewhere': (_request, response) =>
    response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
}
export const faultNames = Object.keys(faults)

export async function startAccount(token) {
  let secret = generateSecret()
  let fault
  const calls = []

  const routes = {
    'GET /v1/account': () => ({ info: { webhookEventsHmacSecret: secret } }),
    'POST /v1/account:rotateWebhookSigningKey': () => ({ webhookEventsHmacSecret: rotate() }),
  }
  function rotate() {
    secret = generateSecret()
    return secret
  }

  const server = createServer((request, response) => {
    calls.push(Date.now())
    const route = routes[`${request.method} ${request.url}`]
    const answer = () => response.end(JSON.stringify(route()))
    if (request.headers.authorization !== `Bearer ${token}`) response.writeHead(401).end()
    else if (fault) faults[fault](request, response, answer)
    else answer()
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    baseUrl: `http://127.0.0.1:${server.address().port}`,
    calls,
    secret: () => secret,
    rotate,
    /** One of `faultNames`, or nothing to answer well. */
    fail(name) {
      fault = name
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
