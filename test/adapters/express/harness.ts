import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { verifyWebhook } from 'countersign/express'
import express5 from 'express'
import express4 from 'express4'
import { andThen } from '../../../src/base/awaitable.js'
import { type Harness, overSocket, type Running, type Setup } from '../contract/contract.js'

export type Express = typeof express5
export type Middleware = express5.RequestHandler

/** Both versions, by the types of the newer one: what differs between them is what the tests are about. */
export const versions = {
  'Express 5': express5,
  'Express 4': express4 as unknown as Express,
} as const

/** How the route is mounted, and what stands in front of it. */
export interface Arrangement {
  readonly front?: (express: Express) => Middleware[]
  readonly mount?: (express: Express, app: express5.Express, handlers: Middleware[]) => void
}

export function expressHarness(
  express: Express,
  { front = () => [], mount = mountPost }: Arrangement = {},
): Omit<Harness, 'cannot'> {
  return {
    start({ options, reject, before, handle, onError }) {
      const app = express()
      for (const middleware of [...front(express), ...first[before](express)]) app.use(middleware)
      const receive = verifyWebhook({ ...options, onReject: reject && answerWith(reject) })
      const handler: Middleware = (req, res) => {
        handle(req.webhook, req)
        res.sendStatus(204)
      }
      mount(express, app, [receive, handler])
      const fail: express5.ErrorRequestHandler = (error, _req, res, _next) => {
        onError(error)
        res.sendStatus(500)
      }
      app.use(fail)
      return listen(app)
    },
  }
}

export async function listen(app: express5.Express): Promise<Running> {
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    send: overSocket((server.address() as AddressInfo).port),
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

function mountPost(_express: Express, app: express5.Express, handlers: Middleware[]): void {
  app.post('/webhooks', ...handlers)
}

function answerWith(reject: NonNullable<Setup['reject']>) {
  return (
    error: Parameters<typeof reject>[0],
    req: express5.Request,
    res: express5.Response,
  ): unknown =>
    andThen(reject(error, req), (answer) => answer && res.status(answer.status).send(answer.text))
}

const first: Record<Setup['before'], (express: Express) => Middleware[]> = {
  nothing: () => [],
  json: (express) => [express.json()],
  drain: () => [
    (req, _res, next) => {
      req.on('end', next)
      req.resume()
    },
  ],
}
