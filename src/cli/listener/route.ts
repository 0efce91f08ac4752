import type { IncomingMessage, ServerResponse } from 'node:http'
import { PAGE_PATH } from './page-api.js'

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** The live page has its own paths; a POST or PUT to any other path is a delivery. */
export async function route(
  request: IncomingMessage,
  response: ServerResponse,
  { receive, answerPage }: { receive: Handle; answerPage: Handle },
): Promise<void> {
  const { method, url = '' } = request
  if (/^\/_countersign(?:[/?]|$)/.test(url)) return answerPage(request, response)
  if (method === 'POST' || method === 'PUT') return receive(request, response)
  request.resume()
  response.writeHead(405, { allow: 'POST, PUT', 'content-type': 'text/plain' })
  response.end(`countersign receives deliveries by POST and PUT; the live page is ${PAGE_PATH}\n`)
}
