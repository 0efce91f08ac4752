import { bodyBytes } from '../body.js'
import { createSigner, type SignedHeaders, type SignerOptions, type SignOptions } from '../sign.js'
import type { WebhookBody } from '../types.js'

export interface SignedRequestOptions extends SignerOptions, SignOptions {
  /** Sent as JSON. Default: a small event. */
  payload?: unknown
  /** The exact body, in place of `payload`. */
  body?: WebhookBody | undefined
}

/** A delivery ready to send: the bytes and the headers that sign them. */
export interface SignedRequest {
  readonly body: Uint8Array
  /** The same body as text, for clients that would serialise bytes once more (supertest's `send`). */
  readonly text: string
  readonly headers: SignedHeaders & { 'content-type': string }
}

/**
 * A really signed delivery, as the account would send it.
 *
 * @example
 * ```ts
 * import { generateSecret } from 'countersign/sign'
 * import { signedRequest } from 'countersign/testing'
 * const { body, headers } = await signedRequest({ secret: generateSecret(), payload: { type: 'ping' } })
 * await fetch('http://127.0.0.1:3000/webhooks', { method: 'POST', body, headers })
 * ```
 */
export async function signedRequest(options: SignedRequestOptions): Promise<SignedRequest> {
  const {
    payload = { type: 'test.event' },
    body = toJson(payload),
    id,
    timestamp,
    ...signer
  } = options
  const bytes = bodyBytes(body)
  const headers = await createSigner(signer)(bytes, { id, timestamp })
  return {
    body: bytes,
    text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
    headers: { 'content-type': 'application/json', ...headers },
  }
}

function toJson(payload: unknown): string {
  const text: string | undefined = JSON.stringify(payload)
  if (text === undefined) throw new TypeError('payload must be a JSON value')
  return text
}
