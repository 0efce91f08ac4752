import { Agent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as AgentTls, request as requestHttps } from 'node:https'
import { describeConnection } from './failure.js'

/** One header line per entry, in order. */
export type HeaderLines = readonly (readonly [name: string, value: string])[]

/** A request as it goes on the wire: nothing is added to the header lines but what frames the message. */
export interface WireRequest {
  readonly url: URL
  readonly method: string
  /** Path and query, if they must be sent exactly so. */
  readonly target?: string | undefined
  readonly headers: HeaderLines
  readonly body: Uint8Array
  /** Seconds for the whole exchange. */
  readonly timeout: number
  /** Largest answer that is read, in bytes. Default 1 MiB. */
  readonly maxBytes?: number | undefined
  readonly agent?: Agent | undefined
  /** Called with the local port before the request is sent. */
  readonly onPort?: ((port: number) => void) | undefined
}

export interface WireAnswer {
  readonly status: number
  readonly statusText: string
  readonly headers: HeaderLines
  readonly body: Buffer
}

/** Why there is no whole answer. */
export interface WireFailure {
  readonly kind: 'timeout' | 'connection'
  /** What happened and the fix, in one line. */
  readonly text: string
  /** The status, if it came before the connection broke. */
  readonly status?: number | undefined
}

/** Seconds it took, and the answer or why there is none. */
export type Exchange = { readonly duration: number } & (
  | { readonly answer: WireAnswer; readonly failure?: undefined }
  | { readonly answer?: undefined; readonly failure: WireFailure }
)

/** Connections that are used again, for many requests to one place. */
export function keepAliveAgent({ protocol }: URL, maxSockets: number): Agent {
  return protocol === 'https:'
    ? new AgentTls({ keepAlive: true, maxSockets })
    : new Agent({ keepAlive: true, maxSockets })
}

/** Sends a request and reads the answer. Follows no redirect, and never rejects for what the other side does. */
export async function exchange(request: WireRequest): Promise<Exchange> {
  const started = performance.now()
  // What cannot be sent at all (a character that no header may hold) is a failure like any other.
  const first = await attempt(request).catch((error) => ({ error, ...NOTHING_SENT }))
  // The other side closed a kept connection just as it was used again: nothing has been handled.
  const isStale = 'error' in first && first.isReused && Object(first.error).code === 'ECONNRESET'
  const outcome = isStale ? await attempt({ ...request, agent: undefined }) : first
  const duration = (performance.now() - started) / 1000
  if ('answer' in outcome) return { duration, answer: outcome.answer }
  const { error, status, isTimeout } = outcome
  const kind = isTimeout ? 'timeout' : 'connection'
  return { duration, failure: { kind, status, text: describeConnection(error, request) } }
}

interface Failed {
  readonly error: unknown
  readonly status: number | undefined
  readonly isTimeout: boolean
  readonly isReused: boolean
}

const NOTHING_SENT = { status: undefined, isTimeout: false, isReused: false }

export const TIMED_OUT = 'ECOUNTERSIGNTIMEOUT'
export const TOO_LARGE = 'ECOUNTERSIGNTOOLARGE'

function attempt(wire: WireRequest): Promise<{ readonly answer: WireAnswer } | Failed> {
  const { url, method, target, headers, body, timeout, agent, onPort } = wire
  return new Promise((resolve) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp
    const path = target ?? `${url.pathname}${url.search}`
    // A flat list is sent line by line as it is; the types know of records only.
    const lines = headers.flat() as unknown as Record<string, string>
    const request = send(url, { method, path, headers: lines, agent: agent ?? false })
    let status: number | undefined
    const timer = setTimeout(
      () => stop(failureOf(TIMED_OUT)),
      Math.min(timeout * 1000, 2 ** 31 - 1),
    )

    function end(outcome: { readonly answer: WireAnswer } | Failed): void {
      clearTimeout(timer)
      resolve(outcome)
    }
    function stop(error: unknown): void {
      const isTimeout = Object(error).code === TIMED_OUT
      end({ error, status, isTimeout, isReused: request.reusedSocket })
      request.destroy()
    }
    request.on('error', (error) => stop(error))
    request.on('response', (response) => {
      status = response.statusCode
      readAnswer(response, wire.maxBytes ?? 1_048_576).then((answer) => end({ answer }), stop)
    })
    if (onPort) {
      request.on('socket', (socket) => {
        socket.once('connect', () => onPort(socket.localPort ?? 0))
      })
    }
    request.end(body)
  })
}

async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<WireAnswer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) throw failureOf(TOO_LARGE)
    chunks.push(chunk)
  }
  return {
    status: response.statusCode ?? 0,
    statusText: response.statusMessage ?? '',
    headers: headerLines(response.rawHeaders),
    body: Buffer.concat(chunks),
  }
}

/** Node's flat list of header lines as pairs. */
export function headerLines(rawHeaders: readonly string[]): HeaderLines {
  return rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [[name, rawHeaders[i + 1] ?? '']] : []))
}

function failureOf(code: string): Error {
  return Object.assign(new Error(code), { code })
}
