import type { IncomingMessage, ServerResponse } from 'node:http'
import { webhookHandler } from '../../../adapters/node.js'
import type { VerdictEvent, VerifierOptions } from '../../delivery/types.js'
import type { CapturedRequest } from '../capture/capture-file.js'
import { type Exchange, headerLines, type WireAnswer } from '../wire/exchange.js'
import { problemCode } from '../wire/problem-code.js'
import { endToEnd, type ForwardTarget, forward } from './forward.js'
import type { Kept } from './history.js'
import type { Forwarded, ListedDelivery } from './listed-delivery.js'
import { type ReadBody, readBody } from './read-body.js'
import type { Save } from './save.js'

export interface ReceiveOptions {
  readonly secret: VerifierOptions['secret']
  readonly target: ForwardTarget | undefined
  readonly save: Save | undefined
  /** Called as soon as its verdict is known. */
  readonly onVerdict: (kept: Kept) => void
  /** Called once it is answered. */
  readonly onAnswered: (kept: Kept) => void
  /** Called for what is no delivery but worth a line. */
  readonly onNote: (text: string) => void
  /** The number of the delivery that this request repeats. */
  readonly repeats: (request: IncomingMessage) => number | undefined
}

interface InFlight {
  readonly kept: Kept
  readonly isWhole: boolean
  verdict?: VerdictEvent
}

/** Takes deliveries in: reads, verifies by the package's own adapter for Node, saves, hands on and answers. */
export function createReceive(
  options: ReceiveOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { secret, target, save, onVerdict, onAnswered, onNote, repeats } = options
  const inFlight = new WeakMap<object, InFlight>()
  let count = 0

  async function answer(request: object, response: ServerResponse, byDefault?: number) {
    const state = inFlight.get(request)
    if (!state) return
    const { kept, isWhole, verdict } = state
    kept.listed = { ...kept.listed, ...verdictOf(verdict, kept.captured) }
    onVerdict(kept)
    if (target && isWhole) {
      const exchanged = await forward(kept.captured, target)
      kept.listed = { ...kept.listed, forwarded: forwardedOf(exchanged) }
      kept.answer = cut(exchanged.answer)
      sendForwarded(response, exchanged)
    } else if (byDefault !== undefined) response.writeHead(byDefault).end()
  }

  const handle = webhookHandler(
    {
      secret,
      // The command line prints what there is to say.
      warn: false,
      onVerdict(event) {
        const state = inFlight.get(Object(event.context.request))
        if (state) state.verdict = event
      },
      onReject: (_, request, response) => answer(request, response as ServerResponse),
      onError: (error) => onNote(`a delivery could not be handled: ${Object(error).message}`),
    },
    (request, response) => answer(request, response, 204),
  )

  return async function receive(request, response) {
    const started = performance.now()
    const receivedAt = new Date()
    const body = await readBody(request).catch(() => undefined)
    if (!body) return onNote('a sender hung up in the middle of its body')
    const state = newcomer(++count, request, body, receivedAt)
    const { kept } = state
    kept.listed = { ...kept.listed, repeats: repeats(request) }
    inFlight.set(request, state)
    // The adapter takes bytes that somebody kept before it.
    Object.assign(request, { rawBody: body.bytes })
    const saved = body.isWhole
      ? save?.(kept.listed.number, kept.listed.id, kept.captured)
      : undefined
    saved?.catch((error) => onNote(`delivery ${count} was not saved: ${Object(error).message}`))
    await handle(request, response)
    const duration = performance.now() - started
    kept.listed = { ...kept.listed, duration, status: response.statusCode }
    onAnswered(kept)
  }
}

function newcomer(
  number: number,
  request: IncomingMessage,
  { bytes, isWhole }: ReadBody,
  receivedAt: Date,
): InFlight {
  const { method = 'POST', url = '/', rawHeaders } = request
  const headers = headerLines(rawHeaders)
  const captured = {
    method,
    url,
    headers,
    body: isWhole ? bytes : bytes.subarray(0, 0),
    receivedAt,
  }
  const listed: ListedDelivery = {
    number,
    receivedAt: receivedAt.toISOString(),
    method,
    url,
    verdict: 'refused',
    id: headerId(captured),
    type: isWhole ? typeOf(bytes) : undefined,
    size: isWhole ? bytes.length : Number(request.headers['content-length'] ?? bytes.length),
    duration: 0,
    status: 0,
  }
  return { kept: { listed, captured, hasBody: isWhole }, isWhole }
}

function verdictOf(event: VerdictEvent | undefined, captured: CapturedRequest) {
  const { outcome = 'refused', code, detail, keyId, age, id = headerId(captured) } = event ?? {}
  const verdict = outcome === 'refused' ? 'refused' : 'accepted'
  return { verdict, code, detail, keyId, age, id } as const
}

function headerId({ headers }: CapturedRequest): string | undefined {
  return headers.find(([name]) => /^(webhook|svix)-id$/i.test(name))?.[1]
}

/** The event type, if the body is a JSON object that names one. */
function typeOf(bytes: Buffer): string | undefined {
  try {
    const { type } = Object(JSON.parse(bytes.toString()))
    return typeof type === 'string' ? type.slice(0, 200) : undefined
  } catch {
    return undefined
  }
}

function forwardedOf({ answer, failure, duration }: Exchange): Forwarded {
  return {
    status: answer?.status,
    code: answer && problemCode(answer.body),
    failure: failure?.text,
    duration: duration * 1000,
  }
}

/** The answer of the application, or 502 and 504 if there is none. */
function sendForwarded(response: ServerResponse, { answer, failure }: Exchange): void {
  if (answer) {
    const lines = endToEnd(answer.headers).flat()
    response.writeHead(answer.status, answer.statusText, lines as unknown as Record<string, string>)
    response.end(answer.body)
    return
  }
  const status = failure?.kind === 'timeout' ? 504 : 502
  const title =
    status === 504 ? 'the application did not answer in time' : 'no answer from the application'
  response.writeHead(status, { 'content-type': 'application/problem+json' })
  response.end(JSON.stringify({ type: 'about:blank', title, status }))
}

const MAX_ANSWER = 16_384

function cut(answer: WireAnswer | undefined): WireAnswer | undefined {
  // A copy: a view would keep the whole answer alive.
  return answer && { ...answer, body: Buffer.from(answer.body.subarray(0, MAX_ANSWER)) }
}
