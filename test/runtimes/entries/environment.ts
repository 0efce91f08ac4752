// The application inside a test environment: a test of Vitest or Jest that serves until it is stopped.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { app, type Bindings } from '../app.js'

// Both runners have it as a global here; the types of one would be wrong for the other.
declare const test: (name: string, run: () => Promise<void>, timeout: number) => void

const bindings = process.env as unknown as Bindings

/** Made of the environment's own classes, as its tests would make it. */
function toRequest(request: IncomingMessage): Request {
  const { method = 'GET', url = '/', rawHeaders } = request
  const headers = new Headers()
  for (let i = 0; i < rawHeaders.length; i += 2)
    headers.append(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '')
  const init = method === 'GET' ? {} : { body: toStream(request), duplex: 'half' }
  return new Request(`http://127.0.0.1${url}`, { method, headers, ...init } as RequestInit)
}

function toStream(request: IncomingMessage): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      request.on('data', (chunk: Uint8Array) => controller.enqueue(Uint8Array.from(chunk)))
      request.on('end', () => controller.close())
      request.on('error', (error) => controller.error(error))
    },
  })
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const result = await app.fetch(toRequest(request), bindings)
  const body = new Uint8Array(await result.arrayBuffer())
  response.writeHead(result.status, Object.fromEntries(result.headers)).end(body)
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => response.destroy(error))
})
const DAY = 86_400_000
test('serves until it is stopped', () => serve(), DAY)

function serve(): Promise<void> {
  return new Promise((resolve) => {
    server.on('close', resolve).listen(Number(process.env.PORT), '127.0.0.1')
  })
}
