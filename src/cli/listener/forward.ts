import type { CapturedRequest } from '../capture/capture-file.js'
import { type Exchange, exchange, type HeaderLines } from '../wire/exchange.js'

/** RFC 9110, section 7.6.1: what concerns one connection only. */
const HOP_BY_HOP =
  /^(connection|keep-alive|proxy-authenticate|proxy-authorization|proxy-connection|te|trailer|transfer-encoding|upgrade)$/i
/** What no sender may take away by naming it in Connection. */
const NEEDED = /^((webhook|svix)-|content-|host$)/i

/** The header lines that go on, in their order and spelling. */
export function endToEnd(lines: HeaderLines): HeaderLines {
  const listed = new Set(
    lines
      .filter(([name]) => name.toLowerCase() === 'connection')
      .flatMap(([, value]) => value.toLowerCase().split(','))
      .map((name) => name.trim()),
  )
  return lines.filter(
    ([name]) => !HOP_BY_HOP.test(name) && (NEEDED.test(name) || !listed.has(name.toLowerCase())),
  )
}

export interface ForwardTarget {
  readonly url: URL
  /** Seconds. */
  readonly timeout: number
}

/** Hands a delivery on: the same bytes, header lines and method. */
export function forward(
  delivery: CapturedRequest,
  { url, timeout }: ForwardTarget,
): Promise<Exchange> {
  const { method, headers, body } = delivery
  const lines = endToEnd(headers)
  const isFramed = lines.some(([name]) => name.toLowerCase() === 'content-length')
  // It came in chunks; their frames belonged to that connection.
  const framed = isFramed ? lines : [...lines, ['Content-Length', String(body.length)] as const]
  return exchange({
    url,
    method,
    target: targetOf(delivery.url, url),
    headers: framed,
    body,
    timeout,
  })
}

/** An address without a path of its own gets the delivery's path and query. */
function targetOf(requested: string, { pathname, search }: URL): string {
  if (pathname !== '/' || search !== '') return `${pathname}${search}`
  return requested.startsWith('/') ? requested : '/'
}
