import * as gateways from '../../adapters/lambda/gateways.js'
import type { Line } from '../oracle/delivery.js'
import type { Subject } from '../target.js'
import { OPTIONS, shown, summaryOf } from './frameworks.js'

const { LAMBDA_CONTEXT, toIncoming: _, ...others } = gateways
const GATEWAYS: Readonly<Record<string, gateways.Gateway>> = others

/** Headers that the HTTP server acts on itself. */
const FOR_SERVERS = [
  'content-length',
  'transfer-encoding',
  'expect',
  'connection',
  'upgrade',
  'host',
  'trailer',
  'te',
]

/** The same request as an event of each gateway, the body as text if it is text. `undefined` if gateways change the request: they join lines, trim values and lower names in their own ways. */
export async function throughGateways(
  { onLambda }: Subject,
  lines: readonly Line[],
  body: Buffer,
): Promise<Readonly<Record<string, string>> | undefined> {
  const names = lines.map(([name]) => name.toLowerCase())
  const isPlain = lines.every(
    ([name, value]) => /^[\w-]+$/.test(name) && /^([!-~]([ -~]*[!-~])?)?$/.test(value),
  )
  const isForServer = names.some((name) => FOR_SERVERS.includes(name))
  if (!isPlain || isForServer || new Set(names).size < names.length) return undefined
  const receive = onLambda(OPTIONS, (webhook) => ({ statusCode: 200, body: shown(webhook) }))
  const answers: Record<string, string> = {}
  for (const [name, gateway] of Object.entries(GATEWAYS)) {
    const event = gateway.toEvent({ headers: lines, body })
    const { statusCode, body: text } = await receive(event, LAMBDA_CONTEXT)
    answers[name] = summaryOf(statusCode, text)
  }
  return answers
}
