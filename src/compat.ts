import { importMacKey, type MacKey, mac } from '#crypto'
import { isThenable } from './base/awaitable.js'
import { equalConstantTime, utf8Decoder } from './base/bytes.js'
import { isWebhookError } from './base/errors.js'
import { own } from './base/options.js'
import { deliveryHeaders } from './compat/delivery-headers.js'
import { keyBytes } from './compat/key-bytes.js'
import { WebhookVerificationError } from './compat/webhook-verification-error.js'
import { bodyBytes } from './delivery/body.js'
import { parseSignatures, signedPrefix } from './delivery/signature.js'
import type { HeadersInput, WebhookBody } from './delivery/types.js'
import { ID_RULE, isId } from './delivery/webhook-id.js'

export { WebhookVerificationError } from './compat/webhook-verification-error.js'

/** Options of {@link Webhook}'s constructor. */
export interface WebhookOptions {
  /** `'raw'` uses the bytes or characters of the secret as the key, instead of its decoded base64. */
  format?: 'raw'
}

/** Options of {@link Webhook.verify}. */
export interface VerifyOptions {
  /** `false` returns `undefined` instead of the parsed payload. Default `true`. */
  jsonParse?: boolean
}

/** Headers under the names of the standard. */
export interface WebhookUnbrandedRequiredHeaders {
  'webhook-id': string
  'webhook-timestamp': string
  'webhook-signature': string
}

/** Headers under Svix's names. */
export interface WebhookRequiredHeaders {
  'svix-id': string
  'svix-timestamp': string
  'svix-signature': string
}

/** Headers that `verify` reads: a record with names in any case, `Headers`, a `Map`, or pairs. */
export type WebhookHeaders =
  | WebhookRequiredHeaders
  | WebhookUnbrandedRequiredHeaders
  | Record<string, string>
  | HeadersInput

const TOLERANCE = 300

/**
 * Replaces the class that `standardwebhooks` 1.x and `svix` 1.x export. It has the same calls and messages, is synchronous,
 * and verifies the exact bytes. `docs/migrating.md` lists each difference. It needs `node:crypto`; elsewhere the constructor throws.
 *
 * @example
 * ```ts
 * import { Webhook } from 'countersign/compat'
 * export function receive(body: Buffer, headers: Record<string, string>): unknown {
 *   return new Webhook(process.env.WEBHOOK_SECRET ?? '').verify(body, headers)
 * }
 * ```
 */
export class Webhook {
  static readonly prefix: string = 'whsec_'
  // Not a plain property, because loggers print those.
  readonly #key: MacKey

  /** Throws an `Error` for a secret that cannot be used. */
  constructor(secret: string | Uint8Array, options: WebhookOptions = {}) {
    const bytes = keyBytes(secret, own(options).format === 'raw')
    if (bytes.length === 0) throw new Error("Secret can't be empty.")
    this.#key = atOnce(importMacKey(bytes))
  }

  /** Returns the parsed payload. Throws a {@link WebhookVerificationError}, or a `SyntaxError` if an authentic body is not JSON. */
  verify(payload: WebhookBody, headers: WebhookHeaders, options: VerifyOptions = {}): unknown {
    const { id, timestamp, signature } = deliveryHeaders(headers as HeadersInput)
    assertFresh(Number(timestamp))
    const body = payloadBytes(payload)
    const expected = this.#sign(id, timestamp, body)
    let found = false
    for (const candidate of candidatesIn(signature)) {
      if (equalConstantTime(candidate, expected)) found = true
    }
    if (!found) throw new WebhookVerificationError('No matching signature found')
    if (body.length === 0 || own(options).jsonParse === false) return undefined
    return JSON.parse(textOf(body))
  }

  /** Returns `v1,…`. */
  sign(msgId: string, timestamp: Date, payload: WebhookBody): string {
    if (!isId(msgId)) throw new Error(ID_RULE)
    const seconds = Math.floor(timestamp.getTime() / 1000)
    if (!(seconds >= 0)) throw new Error('timestamp must be a valid Date, such as new Date()')
    return this.#sign(msgId, String(seconds), payloadBytes(payload))
  }

  #sign(id: string, timestamp: string, body: Uint8Array): string {
    return `v1,${atOnce(mac(this.#key, signedPrefix(id, timestamp), body))}`
  }
}

/** The originals are synchronous, so only a synchronous backend can be used. */
function atOnce<T>(value: T | PromiseLike<T>): T {
  if (!isThenable(value)) return value
  Promise.resolve(value).catch(() => {})
  throw new Error(
    'countersign/compat is synchronous and needs node:crypto, which this runtime does not offer: use createVerifier from "countersign"',
  )
}

/** In whole seconds, as the originals count. */
function assertFresh(timestamp: number): void {
  const age = Math.floor(Date.now() / 1000) - timestamp
  if (age > TOLERANCE) throw new WebhookVerificationError('Message timestamp too old')
  if (!(age >= -TOLERANCE)) throw new WebhookVerificationError('Message timestamp too new')
}

function candidatesIn(signature: string): string[] {
  try {
    return parseSignatures(signature)
  } catch {
    return []
  }
}

function payloadBytes(payload: WebhookBody): Uint8Array {
  try {
    return bodyBytes(payload)
  } catch (error) {
    if (!isWebhookError(error)) throw error
    throw new Error('Expected payload to be of type string or Buffer.')
  }
}

function textOf(body: Uint8Array): string {
  const decoder = utf8Decoder()
  try {
    return decoder.decode(body)
  } catch {
    throw new SyntaxError(
      'the payload is authentic but is not UTF-8: pass jsonParse: false and read the bytes yourself',
    )
  }
}
