import type { IncomingMessage, ServerResponse } from 'node:http'
import { printCapture } from '../capture/capture-file.js'
import type { Explainer } from './explainer.js'
import type { History, Kept } from './history.js'
import type { DetailedDelivery } from './listed-delivery.js'
import { LOCKED, type PageFile } from './page-file.js'
import { refuseVisitor } from './refuse-visitor.js'
import type { Resend } from './resend.js'
import { captureName } from './save.js'

/** Where the page lives. No delivery can be sent there. */
export const PAGE_PATH = '/_countersign'

export interface PageOptions {
  readonly history: History
  readonly page: PageFile
  readonly stream: (request: IncomingMessage, response: ServerResponse) => void
  readonly explainer: Explainer
  readonly resend: Resend
  readonly canSign: () => Promise<boolean>
}

type Answer = (kept: Kept, response: ServerResponse) => Promise<void> | void

/** Answers everything below {@link PAGE_PATH}, for this machine alone. */
export function createPageApi(
  options: PageOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { history, page, stream, resend } = options
  const routes: Readonly<Record<string, Answer>> = {
    'GET ': async (kept, response) => {
      sendJson(response, 200, await detailOf(kept, options))
    },
    'GET /body': ({ captured }, response) => {
      response.writeHead(200, { ...LOCKED, 'content-type': 'application/octet-stream' })
      response.end(captured.body)
    },
    'GET /capture': ({ captured, listed }, response) => {
      const name = captureName(listed.number, listed.id, captured.receivedAt)
      response.writeHead(200, {
        ...LOCKED,
        'content-type': 'application/json',
        'content-disposition': `attachment; filename="${name}"`,
      })
      response.end(printCapture(captured))
    },
    'POST /replay': (kept, response) => resent(kept, response, resend.replay),
    'POST /sign': (kept, response) => resent(kept, response, resend.signAgain),
  }

  return async function answerPage(request, response) {
    request.resume()
    const refusal = refuseVisitor(request)
    if (refusal !== undefined) return sendText(response, 403, refusal)
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    const inner = path.slice(PAGE_PATH.length).replace(/\/$/, '')
    if (inner === '' && request.method === 'GET') {
      response.writeHead(200, page.headers)
      response.end(page.html)
      return
    }
    if (inner === '/events' && request.method === 'GET') return stream(request, response)
    const [, number, action = ''] = /^\/deliveries\/(\d{1,9})(\/\w+)?$/.exec(inner) ?? []
    const route = routes[`${request.method} ${action}`]
    if (number === undefined || !route) return sendText(response, 404, 'there is no such page')
    const kept = history.get(Number(number))
    if (!kept) return sendText(response, 410, 'this delivery is no longer kept')
    await route(kept, response)
  }
}

async function resent(
  kept: Kept,
  response: ServerResponse,
  send: (kept: Kept) => Promise<void>,
): Promise<void> {
  if (!kept.hasBody) return sendText(response, 409, 'the body of this delivery is not kept')
  try {
    await send(kept)
    sendJson(response, 200, {})
  } catch (error) {
    sendText(response, 409, String(Object(error).message))
  }
}

async function detailOf(
  kept: Kept,
  { explainer, canSign }: PageOptions,
): Promise<DetailedDelivery> {
  const { listed, captured, hasBody, answer } = kept
  const isExplained = listed.verdict === 'refused' && hasBody
  return {
    ...listed,
    headers: captured.headers,
    hasBody,
    findings: isExplained ? await explainer.now(kept) : [],
    answer: answer && { headers: answer.headers, body: answer.body.toString() },
    canSign: hasBody && (await canSign()),
  }
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { ...LOCKED, 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...LOCKED, 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${text}\n`)
}
