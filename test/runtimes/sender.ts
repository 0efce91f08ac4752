import { createSigner } from '../../src/sign.js'
import { overSocket } from '../adapters/contract/raw-http.js'

export const STATIC = 'wh_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo='
export const BODY = '{ "name": "Zo\u00eb" }'
/** A missing answer is a failure; the run must not wait forever. */
const PATIENCE = 60_000

/** Status, and the code of a refusal. */
export type Answer = readonly [status: number | undefined, code?: string]

/** Properties of a request over a socket that `fetch` would not send. */
export interface Lies {
  readonly more?: readonly [name: string, value: string]
  readonly declaredLength?: number
  readonly body?: string
}

/** Sends signed deliveries to a server that really runs on the runtime. */
export interface Sender {
  deliver(path: string, signing: string, init?: RequestInit): Promise<Response>
  answer(path: string, signing: string, init?: RequestInit): Promise<Answer>
  /** Byte for byte, over a socket. */
  lie(path: string, signing: string, lies: Lies): Promise<Answer>
}

export function createSender(baseUrl: string): Sender {
  const port = Number(new URL(baseUrl).port)

  async function deliver(path: string, signing: string, init: RequestInit = {}): Promise<Response> {
    const { headers, ...rest } = init
    const signed = await createSigner({ secret: signing })(BODY)
    const all = { ...signed, ...(headers as Record<string, string>) }
    const signal = AbortSignal.timeout(PATIENCE)
    return fetch(baseUrl + path, { method: 'POST', body: BODY, signal, ...rest, headers: all })
  }

  return {
    deliver,
    async answer(...args) {
      const response = await deliver(...args)
      return toAnswer(response.status, await response.text())
    },
    async lie(path, signing, { more, body = BODY, declaredLength }) {
      const signed = Object.entries(await createSigner({ secret: signing })(BODY))
      const headers = more ? [...signed, more] : signed
      const length = declaredLength === undefined ? { chunked: true } : { declaredLength }
      const answer = await overSocket(port, path)({ headers, body: Buffer.from(body), ...length })
      return toAnswer(answer?.status, answer?.text)
    },
  }
}

function toAnswer(status: number | undefined, text: string | undefined): Answer {
  return text ? [status, JSON.parse(text).code] : [status]
}
