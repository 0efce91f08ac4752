import { printable } from '../../base/printable.js'

interface Asked {
  readonly url: URL
  /** Seconds. */
  readonly timeout: number
}
type Describe = (where: string, request: Asked) => string

const CODES: Readonly<Record<string, Describe>> = {
  ECOUNTERSIGNTIMEOUT: (where, { timeout }) =>
    `${where} did not answer within ${timeout} s: is it stopped in a debugger, or does the handler wait? raise --timeout to wait longer`,
  ECOUNTERSIGNTOOLARGE: (where) =>
    `${where} answered with more than 1 MiB: answer a webhook with a status and nothing else`,
  ECONNREFUSED: (where) => `nothing listens at ${where}: start the application, or fix the port`,
  ENOTFOUND: (where) => `there is no host of this name: ${where}. Check the spelling`,
  EAI_AGAIN: (where) =>
    `the name of the host could not be looked up: ${where}. Check DNS and the connection`,
  ECONNRESET: (where) => `${where} closed the connection without an answer: see its log`,
  EPIPE: (where) => `${where} closed the connection without an answer: see its log`,
  EHOSTUNREACH: (where) => `${where} cannot be reached from this machine: check the network`,
  ENETUNREACH: (where) => `${where} cannot be reached from this machine: check the network`,
  ETIMEDOUT: (where) =>
    `${where} cannot be reached: the connection timed out. Check the address and the firewall`,
  EPROTO: (where) => `${where} does not speak TLS: use http:// in place of https://`,
  ERR_SSL_WRONG_VERSION_NUMBER: (where) =>
    `${where} does not speak TLS: use http:// in place of https://`,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: (where) =>
    `${where} does not speak TLS: use http:// in place of https://`,
}

/** One line about a connection that brought no answer: what happened and the fix. */
export function describeConnection(error: unknown, request: Asked): string {
  const { code: own, errors, message } = Object(error)
  const code = String(own ?? Object(errors?.[0]).code ?? '')
  const where = printable(placeOf(request.url))
  const describe = CODES[code]
  if (describe) return describe(where, request)
  if (code.startsWith('HPE_')) return `${where} answered something that is not HTTP: check the port`
  if (/CERT|SELF_SIGNED|VERIFY|ISSUER/.test(code)) {
    return `the certificate of ${where} is not trusted (${code}): set NODE_EXTRA_CA_CERTS to its authority's certificate`
  }
  if (/aborted|hang up/.test(String(message))) {
    return `${where} closed the connection in the middle of its answer: see its log`
  }
  return `${where} could not be asked: ${printable(String(message))}`
}

/** An address without its query, which may hold a token. */
export function placeOf({ origin, pathname }: URL): string {
  return `${origin}${pathname}`
}
