import type { IncomingMessage } from 'node:http'
import { createSigner } from '../../sign.js'
import type { CapturedRequest } from '../capture/capture-file.js'
import { exchange, type HeaderLines } from '../wire/exchange.js'
import { endToEnd } from './forward.js'
import type { Kept } from './history.js'

/** Sends deliveries that are kept to the listener again, over its own port, so that they take the way of every other one. */
export interface Resend {
  /** The same bytes and header lines. */
  replay(kept: Kept): Promise<void>
  /** The same body and id, signed now. */
  signAgain(kept: Kept): Promise<void>
  /** The number of the delivery that a request repeats. */
  repeats(request: IncomingMessage): number | undefined
}

export interface ResendOptions {
  readonly secrets: () => Promise<readonly string[]>
  /** The listener's own address. */
  readonly origin: () => string
  /** Seconds to wait for the answer. */
  readonly timeout: number
}

export function createResend({ secrets, origin, timeout }: ResendOptions): Resend {
  /** Numbers by the local port of the connection, since nothing may be added to the request itself. */
  const ports = new Map<number, number>()

  async function send({ method, url, headers, body }: CapturedRequest, number: number) {
    let port = 0
    const lines = endToEnd(headers).filter(([name]) => name.toLowerCase() !== 'content-length')
    await exchange({
      url: new URL(origin()),
      target: url,
      method,
      headers: [...lines, ['Content-Length', String(body.length)]],
      body,
      timeout,
      onPort(local) {
        port = local
        ports.set(port, number)
      },
    })
    ports.delete(port)
  }

  return {
    replay: ({ captured, listed }) => send(captured, listed.number),
    async signAgain({ captured, listed }) {
      const headers = await signedLines(captured, await secrets())
      await send({ ...captured, headers }, listed.number)
    },
    repeats: ({ socket }) => ports.get(socket.remotePort ?? 0),
  }
}

const SIGNED = /^(?:webhook|svix)-(id|timestamp|signature)$/i

/** The header lines with a new signature in the place of the old one. */
async function signedLines(
  { headers, body }: CapturedRequest,
  secrets: readonly string[],
): Promise<HeaderLines> {
  const id = headers.find(([name]) => /^(webhook|svix)-id$/i.test(name))?.[1]
  const sign = createSigner({ secret: secrets })
  // An id that nobody may send is what may have been wrong with it.
  const signed = await sign(body, { id }).catch(() => sign(body))
  return [...headers.filter(([name]) => !SIGNED.test(name)), ...Object.entries(signed)]
}

/** Can a delivery be signed with these? A public key only verifies. */
export function canSign(secrets: readonly string[]): boolean {
  try {
    createSigner({ secret: secrets })
    return true
  } catch {
    return false
  }
}
