import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Redis } from 'ioredis'

/** Upstash's REST interface over a real Redis, as far as its client uses it for single commands and pipelines. */
export interface UpstashServer {
  readonly url: string
  readonly token: string
  /** The commands that have arrived, pipelines flattened. */
  readonly commands: readonly (readonly string[])[]
  /** `fail`: every request is a 500 that is not JSON. `hang`: no request is answered. */
  mode: 'pass' | 'fail' | 'hang'
  close(): Promise<void>
}

const TOKEN = 'upstash-token'

interface Answer {
  readonly result?: unknown
  readonly error?: string
}

export async function startUpstash(redis: Redis): Promise<UpstashServer> {
  const commands: string[][] = []

  async function execute(command: readonly unknown[]): Promise<Answer> {
    const [name = '', ...values] = command.map(String)
    commands.push([name, ...values])
    try {
      return { result: await redis.call(name, ...values) }
    } catch (error) {
      return { error: (error as Error).message }
    }
  }

  const listener: RequestListener = async (request, response) => {
    const body = await readJson(request)
    if (server.mode === 'hang') return
    if (server.mode === 'fail') return response.writeHead(500).end('no JSON')
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      return response.writeHead(401).end('{"error":"WRONGPASS invalid or missing auth token"}')
    }
    const isPipeline = request.url?.endsWith('/pipeline')
    const answers: Answer[] = []
    for (const command of isPipeline ? body : [body]) answers.push(await execute(command))
    const encode =
      request.headers['upstash-encoding'] === 'base64' ? encodeTexts : (v: unknown) => v
    const sent = answers.map(({ result, error }) =>
      error ? { error } : { result: encode(result) },
    )
    response.writeHead(!isPipeline && sent[0]?.error ? 400 : 200, {
      'content-type': 'application/json',
      'upstash-sync-token': 'token',
    })
    response.end(JSON.stringify(isPipeline ? sent : sent[0]))
  }

  const http = createServer(listener)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const server: UpstashServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    token: TOKEN,
    commands,
    mode: 'pass',
    close() {
      http.closeAllConnections()
      return new Promise((resolve) => http.close(() => resolve()))
    },
  }
  return server
}

/** Upstash encodes every text in base64, except the answer OK. */
function encodeTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(encodeTexts)
  if (typeof value !== 'string' || value === 'OK') return value
  return Buffer.from(value).toString('base64')
}

async function readJson(request: IncomingMessage): Promise<unknown[][]> {
  let text = ''
  for await (const chunk of request) text += chunk
  return JSON.parse(text)
}
