import { type Exchange, exchange, type HeaderLines } from '../wire/exchange.js'
import { problemCode } from '../wire/problem-code.js'
import type { Maker, ProbeCase, ProbeRequest, ProbeResult, ProbeTarget } from './probe-case.js'

/** Plays one case at an endpoint and judges the answer. `undefined` if the case cannot be made. */
export async function play(
  probed: ProbeCase,
  maker: Maker,
  target: ProbeTarget,
): Promise<ProbeResult | undefined> {
  const made = await probed.make(maker)
  if (!made) return undefined
  let last: Exchange | undefined
  for (const request of 'headers' in made ? [made] : made) last = await sendProbe(request, target)
  return last && judge(probed, last)
}

export function sendProbe({ headers, body }: ProbeRequest, target: ProbeTarget): Promise<Exchange> {
  const isChunked = headers.some(([name]) => name === 'transfer-encoding')
  const framing: HeaderLines = isChunked ? [] : [['content-length', String(body.length)]]
  return exchange({
    ...target,
    method: 'POST',
    headers: [
      ['host', target.url.host],
      ['user-agent', 'countersign-probe'],
      ...headers,
      ...framing,
    ],
    body,
  })
}

export function judge(probed: ProbeCase, { answer, failure }: Exchange): ProbeResult {
  const { name, expected, severity, means, fix, mayClose } = probed
  const status = answer?.status ?? failure?.status
  const code = answer && problemCode(answer.body)
  const isClosed = status === undefined && failure?.kind === 'connection' && mayClose === true
  const got = isClosed ? 'refused' : kindOf(status, code)
  const isRight = ANSWERS[expected].includes(got) || (expected === 'repeated' && status === 409)
  // Accepting a forgery is as bad as the case says. A crash or a lost authentic delivery is always a fault.
  const wrong = got === 'accepted' ? severity : 'fault'
  return {
    name,
    expected: EXPECTED[expected],
    got,
    status,
    code,
    verdict: isRight ? 'right' : wrong,
    means,
    ...(!isRight && { fix: got === 'failed' ? `${CRASH} ${fix}` : fix }),
    ...(status === undefined && { failure: failure?.text }),
  }
}

const CRASH = 'After a 5xx, senders retry for days: answer a refused delivery with 400 or 401.'

const EXPECTED = {
  accepted: 'accepted',
  refused: 'refused',
  handled: 'accepted or refused',
  repeated: 'accepted',
} as const

const ANSWERS: Readonly<Record<ProbeCase['expected'], readonly string[]>> = {
  accepted: ['accepted'],
  refused: ['refused'],
  handled: ['accepted', 'refused'],
  repeated: ['accepted', 'deferred'],
}

// Codes with which countersign asks the sender to try again, because the key may just have rotated.
const UNDECIDED = ['signature_undecided', 'secret_unavailable']

function kindOf(status: number | undefined, code: string | undefined): string {
  if (status === undefined) return 'silent'
  if (status < 200) return 'silent'
  if (status < 300) return 'accepted'
  if (status < 400 || [404, 405, 410].includes(status)) return 'misplaced'
  if (status < 500) return 'refused'
  if (status === 503) return UNDECIDED.includes(code ?? '') ? 'refused' : 'deferred'
  return 'failed'
}
