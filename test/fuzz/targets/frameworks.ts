import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import express5 from 'express'
import express4 from 'express4'
import Fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import type { LambdaEvent } from '../../../adapters/lambda.js'
import type { Line } from '../oracle/delivery.js'
import { NOW, SECRETS } from '../signed.js'
import type { Subject } from '../target.js'

export interface Frameworks {
  /** Sends the same bytes to each, and resolves to the status and code of each answer. */
  send(raw: Buffer): Promise<Readonly<Record<string, string>>>
  close(): Promise<void>
}

export const MOST_BYTES = 4096
// Longer than a busy machine takes.
const PATIENCE = 60_000

/** Of every receiver here. */
export const OPTIONS = {
  secret: SECRETS,
  now: () => NOW * 1000,
  maxBodyBytes: MOST_BYTES,
  parse: 'none' as const,
  warn: false,
}

/** What the handler answers shows which delivery was accepted. */
export const shown = ({ id, body }: { readonly id: string; readonly body: Uint8Array }): string =>
  `accepted ${id} ${Buffer.from(body).toString('base64')}`

const LISTENERS: Readonly<
  Record<string, (subject: Subject) => RequestListener | Promise<RequestListener>>
> = {
  node: ({ onNode }) => onNode(OPTIONS, (_req, res, webhook) => res.end(shown(webhook))),
  express5: (subject) => expressApp(subject, express5),
  express4: (subject) => expressApp(subject, express4 as unknown as typeof express5),
  koa({ onKoa }) {
    const app = new Koa()
    app.silent = true
    app.use(onKoa(OPTIONS)).use((ctx) => {
      ctx.body = shown(ctx.state.webhook)
    })
    return app.callback()
  },
  async fastify({ onFastify }) {
    let listener: RequestListener | undefined
    const app = Fastify({
      serverFactory(handler) {
        listener = handler
        return createServer()
      },
    })
    await app.register(onFastify(OPTIONS))
    app.post('/webhooks', async (request) => shown(request.webhook))
    await app.ready()
    return listener as RequestListener
  },
  hono({ onHono }) {
    const app = new Hono()
    app.post('/webhooks', onHono(OPTIONS), (c) => c.text(shown(c.get('webhook'))))
    return getRequestListener(app.fetch, { overrideGlobalObjects: false })
  },
  fetch({ onFetch }) {
    const handler = onFetch(OPTIONS, (webhook) => new Response(shown(webhook)))
    return getRequestListener(handler, { overrideGlobalObjects: false })
  },
  lambda: lambdaGateway,
}

function expressApp({ onExpress }: Subject, express: typeof express5): RequestListener {
  const app = express()
  app.post('/webhooks', onExpress(OPTIONS), (req, res) => void res.end(shown(req.webhook)))
  return app
}

/** What API Gateway (REST) does: it reads the body and hands over all lines of every header. */
function lambdaGateway({ onLambda }: Subject): RequestListener {
  const receive = onLambda(OPTIONS, (webhook) => ({ statusCode: 200, body: shown(webhook) }))
  return async (req, res) => {
    const body = await bodyOf(req).catch(() => undefined)
    // The gateway never calls the function for half a request.
    if (!body) return
    const event = {
      httpMethod: 'POST',
      path: '/webhooks',
      requestContext: { stage: 'prod' },
      multiValueHeaders: req.headersDistinct,
      body: body.toString('base64'),
      isBase64Encoded: true,
    }
    const result = await receive(event as unknown as LambdaEvent, {} as never)
    res.writeHead(result.statusCode).end(result.body)
  }
}

async function bodyOf(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export async function startFrameworks(subject: Subject): Promise<Frameworks> {
  const servers: [string, Server][] = []
  for (const [name, create] of Object.entries(LISTENERS)) {
    const server = createServer({ joinDuplicateHeaders: false }, await create(subject))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    servers.push([name, server])
  }
  return {
    async send(raw) {
      const answers = servers.map(async ([name, server]) => {
        const { port } = server.address() as AddressInfo
        return [name, await answerTo(raw, port)] as const
      })
      return Object.fromEntries(await Promise.all(answers))
    },
    async close() {
      for (const [, server] of servers) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    },
  }
}

/** The status, and the code or what the handler showed. */
function answerTo(raw: Buffer, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    const done = (): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(summary(text))
    }
    // A request that promises more than it sends never ends by itself.
    const timer = setTimeout(() => {
      text ||= 'HTTP/1.1 0 no answer'
      done()
    }, PATIENCE)
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', () => {})
    socket.on('close', done)
    socket.end(raw)
  })
}

function summary(text: string): string {
  // The interim answer to `Expect` is no verdict.
  const final = text.replace(/^HTTP\/1\.1 100[\s\S]*?\r\n\r\n/, '')
  return summaryOf(/^HTTP\/1\.[01] (\d+)/.exec(final)?.[1] ?? 'none', final)
}

export function summaryOf(status: string | number, text: string): string {
  const code = /"code":"(\w+)"/.exec(text)?.[1] ?? /accepted \S+ \S*/.exec(text)?.[0] ?? ''
  return `${status} ${code}`
}

/** Frameworks join the lines of one header before an adapter sees them. Some trim the result, so an empty last line becomes a comma at the end of the others. */
export function hasEmptyLineAgain(lines: readonly Line[]): boolean {
  const names = lines.map(([name]) => name.trim().toLowerCase())
  return lines.some(([, value], i) => value.trim() === '' && names.indexOf(names[i] ?? '') < i)
}

/** Servers that refuse a request before the package sees it: a gateway half a request, and Hono's server a host that is none. */
const REFUSES_ITSELF = ['lambda', 'hono', 'fetch']
const OWN_ANSWERS = ['400 ', 'none ']

/** The answers that the package gave. */
export function verdictsOf(
  answers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const verdicts = Object.entries(answers).filter(
    ([name, answer]) => !(REFUSES_ITSELF.includes(name) && OWN_ANSWERS.includes(answer)),
  )
  return Object.fromEntries(verdicts)
}
