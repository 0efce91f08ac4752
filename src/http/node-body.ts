import { concatBytes, encodeUtf8 } from '../base/bytes.js'
import { bodyBrokenOff, bodyTooLarge, bodyUnavailable, viewBytes } from '../delivery/body.js'

// biome-ignore lint/suspicious/noExplicitAny: Node's own type of a listener
type Listener = (...args: any[]) => void

/** Where body parsers leave what they read: on the request itself, or on a framework's own one. */
export interface ParsedRequest {
  readonly body?: unknown
  readonly rawBody?: unknown
}

/** The part of Node's `IncomingMessage` (and of HTTP/2's) that is used. */
export interface NodeRequest extends ParsedRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly readableDidRead?: boolean
  readonly destroyed?: boolean
  listenerCount?(event: string): number
  on(event: string, listener: Listener): unknown
  removeListener(event: string, listener: Listener): unknown
  resume(): unknown
}

/**
 * The bytes of a Node request: those a parser kept (`rawBody`, or `express.raw()`'s body), else read from the stream, at most `maxBytes`.
 * A framework whose parsers leave them elsewhere than on Node's own request hands that in as `parsed`; what is there goes first.
 * Throws `body_too_large`, or `body_unavailable` where the bytes are gone.
 */
export function readNodeBody(
  request: NodeRequest,
  maxBytes: number,
  parsed: object = request,
): Uint8Array | Promise<Uint8Array> {
  const { rawBody = request.rawBody, body = request.body }: ParsedRequest = parsed
  const kept = viewBytes(rawBody) ?? viewBytes(body)
  // Node hands 'readable' listeners what it would hand to ours: with one in front nothing flows, and waiting would be for ever.
  const isOurs =
    !request.readableDidRead && !request.destroyed && !request.listenerCount?.('readable')
  if (!kept && isOurs) return readStream(request, maxBytes)
  const bytes = kept ?? textBytes(rawBody, request) ?? textBytes(body, request)
  if (!bytes) throw bodyUnavailable(whyGone({ rawBody, body }))
  if (bytes.length > maxBytes) throw bodyTooLarge(maxBytes)
  return bytes
}

const EVENTS = ['data', 'end', 'error', 'close'] as const

function readStream(request: NodeRequest, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let length = 0

    const listeners = {
      data(chunk: Uint8Array | string) {
        if (typeof chunk === 'string')
          return stop(
            bodyUnavailable('the stream was set to decode text (setEncoding): its bytes are gone'),
          )
        length += chunk.length
        if (length > maxBytes) stop(bodyTooLarge(maxBytes))
        else chunks.push(chunk)
      },
      end() {
        release()
        resolve(chunks.length === 1 && chunks[0] ? chunks[0] : concatBytes(chunks, length))
      },
      error: (error: unknown) => stop(bodyBrokenOff('the request broke off', error)),
      close: () => stop(bodyBrokenOff('the connection closed before the whole body had arrived')),
    }

    function release(): void {
      for (const event of EVENTS) request.removeListener(event, listeners[event])
    }
    /** The rest goes on flowing and is discarded, so that the sender gets to read the answer. */
    function stop(error: unknown): void {
      release()
      request.on('error', ignore)
      reject(error)
    }

    for (const event of EVENTS) request.on(event, listeners[event])
    // Somebody in front may have paused it.
    request.resume()
    if (Number(request.headers['content-length']) > maxBytes) stop(bodyTooLarge(maxBytes))
  })
}

function ignore(): void {}

const OTHER_CHARSET = /charset\s*=(?!\s*"?utf-?8\b)/i

/** Text counts only where it is provably the bytes that arrived: UTF-8, nothing replaced, and the length is the one that was sent. */
function textBytes(text: unknown, { headers }: NodeRequest): Uint8Array | undefined {
  if (typeof text !== 'string' || text.includes('\uFFFD')) return undefined
  if (OTHER_CHARSET.test(String(headers['content-type']))) return undefined
  const bytes = encodeUtf8(text)
  return bytes.length === Number(headers['content-length']) ? bytes : undefined
}

function whyGone({ rawBody, body }: ParsedRequest): string {
  if (typeof rawBody === 'string' || typeof body === 'string')
    return 'the body was decoded to text, which may not be the bytes that arrived: mount verifyWebhook before the parser that did it, or have it keep a Buffer (express.raw({ type: "*/*" }))'
  if (typeof body === 'object')
    return 'a body parser ran first and the bytes are gone: mount verifyWebhook before it, or have it keep them (Express: express.json({ verify: keepRawBody }), with keepRawBody from countersign/express; NestJS: rawBody: true), or switch it off (Next.js API routes: bodyParser: false)'
  return 'the request stream has already been read: mount verifyWebhook before whatever reads it'
}
