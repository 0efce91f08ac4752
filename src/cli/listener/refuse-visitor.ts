import type { IncomingMessage } from 'node:http'

/** Marks of a proxy or a tunnel: the page is for this machine alone. */
const PROXY = /^(x-forwarded-|forwarded$|via$|cf-|x-real-ip$|x-original-)/

/** May this request see the page and what it shows? Says why not. */
export function refuseVisitor({ headers, method, socket }: IncomingMessage): string | undefined {
  const names = ['127.0.0.1', 'localhost', '[::1]']
  // Browsers leave out the port of http itself.
  const hosts = socket.localPort === 80 ? names : names.map((name) => `${name}:${socket.localPort}`)
  const { host = '', origin } = headers
  if (!hosts.includes(host)) return 'the live page answers under its loopback address only'
  if (Object.keys(headers).some((name) => PROXY.test(name))) {
    return 'the live page is not shown through a proxy or a tunnel'
  }
  const isOwn = origin === `http://${host}`
  if (origin !== undefined && !isOwn) return 'another origin asks'
  // Browsers always name the origin of a POST.
  if (method !== 'GET' && !isOwn)
    return 'a request that changes something needs the Origin of the page'
  const { 'sec-fetch-site': site = 'none', 'sec-fetch-dest': dest } = headers
  const isVisit = dest === 'document'
  return site === 'none' || site === 'same-origin' || isVisit ? undefined : 'another site asks'
}
