import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { verifyWebhook } from 'countersign/express'
import express5 from 'express'
import express4 from 'express4'
import { adapterContract, type Harness, overSocket, type Setup } from './contract.js'

type Express = typeof express5
type Middleware = express5.RequestHandler

/** Express with whatever stands in front of the adapter. */
function harness(express: Express, ...front: Middleware[]): Harness {
  return {
    async start({ options, reject, before, handle, onError }: Setup) {
      const app = express()
      app.use(...front, (_req, _res, next) => next())
      if (before === 'json') app.use(express.json())
      if (before === 'drain') app.use(drain)
      const onReject =
        reject &&
        ((error: Parameters<typeof reject>[0], _req: express5.Request, res: express5.Response) => {
          const answer = reject(error)
          if (answer) res.status(answer.status).send(answer.text)
        })
      app.post('/webhooks', verifyWebhook({ ...options, onReject }), (req, res) => {
        handle(req.webhook)
        res.sendStatus(204)
      })
      const fail: express5.ErrorRequestHandler = (error, _req, res, _next) => {
        onError(error)
        res.sendStatus(500)
      }
      app.use(fail)
      const server = createServer(app)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return {
        send: overSocket((server.address() as AddressInfo).port),
        close() {
          server.closeAllConnections()
          return new Promise((resolve) => server.close(resolve))
        },
      }
    },
  }
}

const drain: Middleware = (req, _res, next) => {
  req.on('end', next)
  req.resume()
}

adapterContract('Express 5', harness(express5))
adapterContract('Express 4', harness(express4 as unknown as Express))
