import {
  type ClientHttp2Session,
  connect,
  constants,
  type Http2Server,
  type OutgoingHttpHeaders,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Running } from './contract.js'
import type { Incoming, Outgoing, Send } from './raw-http.js'

/** The HTTP/2 counterpart of `listening`. */
export async function listeningHttp2(server: Http2Server): Promise<Running> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    send: overHttp2((server.address() as AddressInfo).port),
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

/** Sends in clear text, one session per request. */
export function overHttp2(port: number): Send {
  return async (request) => {
    const session = connect(`http://127.0.0.1:${port}`)
    session.on('error', () => {})
    try {
      return await exchange(session, request)
    } finally {
      session.destroy()
    }
  }
}

function exchange(session: ClientHttp2Session, request: Outgoing): Promise<Incoming | undefined> {
  return new Promise((resolve) => {
    const stream = session.request(head(request), { endStream: false })
    let answer: { status: number; headers: Headers } | undefined
    let text = ''
    stream.setEncoding('utf8')
    stream.setTimeout(5_000, () => stream.destroy())
    stream.on('response', ({ ':status': status = 0, ...lines }) => {
      answer = { status, headers: new Headers(Object.entries(lines) as [string, string][]) }
    })
    stream.on('data', (chunk) => (text += chunk))
    stream.on('end', () => resolve(answer && { ...answer, text }))
    stream.on('error', () => {})
    stream.on('close', () => resolve(answer && { ...answer, text }))

    const { body, cutAfter, cutWhen, declaredLength = body.length } = request
    stream.write(body.subarray(0, cutAfter))
    const cut = () => stream.close(constants.NGHTTP2_CANCEL)
    if (cutWhen) cutWhen.then(cut)
    else if (cutAfter !== undefined) setTimeout(cut, 50)
    const isWhole = cutAfter === undefined ? declaredLength <= body.length : cutAfter >= body.length
    if (isWhole && !request.isEndless) stream.end()
  })
}

function head({
  method = 'POST',
  headers,
  body,
  isEndless,
  chunked = isEndless,
  declaredLength,
}: Outgoing) {
  const lines: OutgoingHttpHeaders = { ':method': method, ':path': '/webhooks' }
  if (!chunked) lines['content-length'] = String(declaredLength ?? body.length)
  for (const [name, value] of headers) {
    const others = lines[name.toLowerCase()]
    lines[name.toLowerCase()] = others === undefined ? value : [String(others), value]
  }
  return lines
}
