import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2'
import { type NodeOptions, webhookHandler } from 'countersign/node'
import { andThen } from '../../../src/base/awaitable.js'
import { adapterContract, type Harness, type Setup } from '../contract/contract.js'
import { listening } from '../contract/listening.js'
import { listeningHttp2 } from '../contract/over-http2.js'

type Req = IncomingMessage | Http2ServerRequest
type Res = ServerResponse | Http2ServerResponse

function listener({ options, reject, before, handle, onError }: Setup) {
  const onReject: NodeOptions['onReject'] =
    reject &&
    ((error, req, res) =>
      andThen(reject(error, req), (answer) => {
        if (answer) res.writeHead(answer.status).end(answer.text)
      }))
  const receive = webhookHandler<unknown, Req, Res>(
    { ...options, onReject, onError },
    (req, res, webhook) => {
      handle(webhook, req)
      res.writeHead(204).end()
    },
  )
  return async (req: Req, res: Res): Promise<unknown> => {
    if (req.method !== 'POST') return res.writeHead(404).end()
    if (before === 'drain') await text(req)
    if (before === 'json') Object.assign(req, { body: JSON.parse(await text(req)) })
    return receive(req, res)
  }
}

async function text(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const chunk of chunks) text += chunk
  return text
}

const http1: Harness = { start: (setup) => listening(createServer(listener(setup))) }
const http2: Harness = {
  start: (setup) => listeningHttp2(createHttp2Server(listener(setup))),
  cannot: {
    'Content-Length says less than what is sent': 'HTTP/2 resets such a stream itself',
  },
}

adapterContract('node:http', http1)
adapterContract('node:http2', http2)
