import { isStream } from './node-stream.js'

const KEEP =
  'mount verifyWebhook before it, or have it keep them (Express: express.json({ verify: keepRawBody }), with keepRawBody from countersign/express; NestJS: rawBody: true)'

/** Why the bytes of a request are gone, and the fix for its platform. */
export function whyGone(
  request: object,
  { rawBody, body }: { rawBody?: unknown; body?: unknown },
): string {
  if (!isStream(request))
    return 'the request is not a stream of Node: this platform keeps the bytes elsewhere. Use countersign/fetch with its own Request (h3 1 and Nitro: webhookHandler from countersign/fetch with toWebRequest(event)); give a mock its body as a Buffer'
  if (isNext(request))
    return 'Next.js parsed the body and the bytes are gone: export const config = { api: { bodyParser: false } } from this API route'
  if (typeof rawBody === 'string' || typeof body === 'string')
    return 'the body was decoded to text, which may not be the bytes that arrived: mount verifyWebhook before the parser that did it, or have it keep a Buffer (express.raw({ type: "*/*" }))'
  if (typeof body === 'object') return `a body parser ran first and the bytes are gone: ${KEEP}`
  return 'the request stream has already been read: mount verifyWebhook before the code that reads it'
}

/** True for API routes of the pages router. */
function isNext(request: object): boolean {
  return 'query' in request && ('preview' in request || 'draftMode' in request)
}
