import { connect } from 'node:net'

/** A request byte for byte as a test wants it, lies included. */
export interface Outgoing {
  readonly method?: string
  /** Name and value of each line, in order; names may be there twice. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array
  /** Chunked, so that no Content-Length is sent. */
  readonly chunked?: boolean
  /** Chunked, and more is announced after the body, but nothing follows. */
  readonly isEndless?: boolean
  /** What Content-Length says in place of the truth. */
  readonly declaredLength?: number
  /** Breaks the connection off after so many bytes of the body. */
  readonly cutAfter?: number
  /** When to break it off. Default: a little later. */
  readonly cutWhen?: Promise<unknown>
}

/** An answer as it arrived; `undefined` if the connection closed without one. */
export interface Incoming {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export type Send = (request: Outgoing) => Promise<Incoming | undefined>

/** Longer than any answer takes; only a server that hangs gets there. */
const PATIENCE = 5_000

/** Sends over a socket, one connection per request. */
export function overSocket(port: number, path = '/webhooks'): Send {
  return (request) =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      let received = Buffer.alloc(0)
      const timer = setTimeout(() => settle(new Error('no answer: the server hangs')), PATIENCE)

      function settle(outcome: Incoming | Error | undefined): void {
        clearTimeout(timer)
        socket.destroy()
        if (outcome instanceof Error) reject(outcome)
        else resolve(outcome)
      }
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk])
        const answer = parseAnswer(received, request.method)
        if (answer) settle(answer)
      })
      // A server may well close while it is still being sent to; what counts is the answer it gave.
      socket.on('error', () => {})
      socket.on('close', () => settle(parseAnswer(received, request.method)))
      socket.write(head(request, path), 'latin1')
      writeBody(socket, request)
    })
}

/** Hands the request to a fetch-style handler; the body is a stream, and Content-Length is only a header. */
export function throughFetch(handler: (request: Request) => Promise<Response> | Response): Send {
  return async ({
    method = 'POST',
    headers,
    body,
    isEndless,
    declaredLength,
    cutAfter,
    ...rest
  }) => {
    const { chunked = isEndless } = rest
    const lines = new Headers(headers.map(([name, value]) => [name, value]))
    if (!chunked) lines.set('content-length', String(declaredLength ?? body.length))
    const init = { method, headers: lines, duplex: 'half' }
    const hasBody = method !== 'GET' && method !== 'HEAD' && (chunked || body.length > 0)
    const request = new Request('http://127.0.0.1/webhooks', {
      ...init,
      ...(hasBody && { body: stream(body, { cutAfter, isEndless }) }),
    })
    const response = await within(handler(request))
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
}

/** One request that is followed by another on the same connection, before it is answered. The connection is cut `when`. */
export function pipelined(first: Outgoing, second: Outgoing, when: Promise<unknown>): Outgoing {
  const rest = [Buffer.from(head(second, '/webhooks'), 'latin1'), second.body]
  const body = Buffer.concat([first.body, ...rest])
  return {
    ...first,
    body,
    declaredLength: first.body.length,
    cutAfter: body.length,
    cutWhen: when,
  }
}

function head(
  { method = 'POST', headers, body, isEndless, chunked = isEndless, declaredLength }: Outgoing,
  path: string,
) {
  const framing = chunked
    ? 'transfer-encoding: chunked'
    : `content-length: ${declaredLength ?? body.length}`
  const lines = headers.map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${path} HTTP/1.1`, 'host: 127.0.0.1', framing, ...lines, '', ''].join('\r\n')
}

function writeBody(
  socket: ReturnType<typeof connect>,
  { body, isEndless, chunked = isEndless, cutAfter, cutWhen }: Outgoing,
) {
  if (cutAfter !== undefined) {
    // Not at once: the request must have reached its handler before the connection dies.
    const cut = () => void socket.resetAndDestroy()
    socket.write(body.subarray(0, cutAfter), () => {
      if (cutWhen) cutWhen.then(cut)
      else setTimeout(cut, 50)
    })
    return
  }
  if (!chunked) return socket.write(body)
  for (const chunk of chunks(body)) {
    socket.write(`${chunk.length.toString(16)}\r\n`)
    socket.write(chunk)
    socket.write('\r\n')
  }
  if (!isEndless) socket.write('0\r\n\r\n')
}

function stream(
  body: Uint8Array,
  {
    cutAfter,
    isEndless,
  }: Partial<Record<'cutAfter', number | undefined>> & { isEndless?: boolean | undefined },
): ReadableStream<Uint8Array> {
  const parts = chunks(body.subarray(0, cutAfter))
  return new ReadableStream({
    pull(controller) {
      const chunk = parts.shift()
      if (chunk) controller.enqueue(chunk)
      else if (isEndless) return new Promise(() => {})
      else if (cutAfter === undefined) controller.close()
      else controller.error(new Error('the sender has gone'))
    },
  })
}

function chunks(body: Uint8Array): Uint8Array[] {
  const size = Math.max(1, Math.ceil(body.length / 3))
  const parts: Uint8Array[] = []
  for (let at = 0; at < body.length; at += size) parts.push(body.slice(at, at + size))
  return parts
}

/** The first whole answer in the bytes so far. */
function parseAnswer(bytes: Buffer, method: string | undefined): Incoming | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [statusLine = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const status = Number(statusLine.split(' ')[1])
  const headers = new Headers(lines.map((line) => line.split(/:\s*(.*)/s, 2) as [string, string]))
  const text = bodyText(bytes.subarray(end + 4), headers, method === 'HEAD' || status === 204)
  return text === undefined ? undefined : { status, headers, text }
}

function bodyText(body: Buffer, headers: Headers, isEmpty: boolean): string | undefined {
  if (isEmpty) return ''
  if (headers.get('transfer-encoding') === 'chunked') return chunkedText(body)
  const length = Number(headers.get('content-length'))
  return body.length < length ? undefined : body.subarray(0, length).toString()
}

function chunkedText(body: Buffer): string | undefined {
  let text = ''
  for (let at = 0; ; ) {
    const line = body.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = Number.parseInt(body.subarray(at, line).toString(), 16)
    if (size === 0) return text
    if (body.length < line + 2 + size + 2) return undefined
    text += body.subarray(line + 2, line + 2 + size).toString()
    at = line + 2 + size + 2
  }
}

/** Rejects if the handler hangs. */
async function within(answer: Promise<Response> | Response): Promise<Response> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer: the handler hangs')), PATIENCE)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
