import type { Agent } from 'node:http'
import type { SignedRequest } from '../../testing/index.js'
import { exchange, type HeaderLines } from '../wire/exchange.js'
import { problemCode } from '../wire/problem-code.js'

/** What came back for one delivery. */
export interface Delivered {
  /** Milliseconds. */
  readonly time: number
  readonly status: number
  readonly code: string | undefined
  /** Why there was no usable answer, in one line. */
  readonly failure: string | undefined
}

export interface Target {
  readonly url: URL
  /** Seconds. */
  readonly timeout: number
  readonly agent: Agent
}

/** Sends one signed request as an honest sender does: a POST, no redirect followed. */
export async function deliver(
  { body, headers }: Pick<SignedRequest, 'body' | 'headers'>,
  target: Target,
): Promise<Delivered> {
  const lines: HeaderLines = [
    ['host', target.url.host],
    ['user-agent', 'countersign'],
    ['content-length', String(body.length)],
    ...Object.entries(headers),
  ]
  const { duration, answer, failure } = await exchange({
    ...target,
    method: 'POST',
    headers: lines,
    body,
  })
  const time = duration * 1000
  const status = answer?.status ?? failure?.status ?? 0
  const code = answer && problemCode(answer.body)
  return { time, status, code, failure: failure?.text ?? redirect(answer) }
}

function redirect(
  answer: { status: number; headers: HeaderLines } | undefined,
): string | undefined {
  if (!answer || answer.status < 300 || answer.status > 399) return undefined
  const place = answer.headers.find(([name]) => name.toLowerCase() === 'location')?.[1]
  return `it redirects${place === undefined ? '' : ` to ${place}`} (${answer.status}), and senders do not follow redirects: give that address instead`
}
