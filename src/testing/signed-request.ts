import { anything, type OptionTable, own, resolveOptions } from '../base/options.js'
import { bodyBytes } from '../delivery/body.js'
import type { WebhookBody } from '../delivery/types.js'
import { binaryText, lossyText, textOf } from '../diagnose/text.js'
import { createSigner, type SignedHeaders, type SignerOptions, type SignOptions } from '../sign.js'
import {
  type LambdaEventOptions,
  type LambdaEvents,
  type LambdaEventVersion,
  lambdaEvents,
} from './lambda-events.js'

/** What is sent: a `payload` or a `body`, never both. */
export type RequestContent =
  | {
      /** Sent as JSON. Default: a small event. */
      payload?: unknown
      body?: undefined
    }
  | {
      payload?: undefined
      /** The exact body, in place of `payload`. */
      body?: WebhookBody | undefined
    }

/** Options of {@link signedRequest}. */
export type SignedRequestOptions = SignerOptions & SignOptions & RequestContent

/** Not a {@link RequestContent}: in JavaScript there may be both. */
interface GivenContent {
  readonly payload?: unknown
  readonly body?: WebhookBody | undefined
}

/** The options by name; the signer checks the values of its own. */
export const REQUEST_OPTIONS = {
  secret: anything<SignerOptions['secret']>(undefined as never),
  payload: anything<unknown>(),
  body: anything<WebhookBody>(),
  id: anything<SignOptions['id']>(),
  timestamp: anything<SignOptions['timestamp']>(),
  now: anything<SignerOptions['now']>(),
  minSecretBytes: anything<SignerOptions['minSecretBytes']>(),
} satisfies OptionTable<SignerOptions & SignOptions & GivenContent>

/** A delivery ready to send: the bytes and the headers that sign them, and the same in other shapes. */
export interface SignedRequest {
  /** Fits a `BodyInit`, in every version of TypeScript's types. */
  readonly body: ReturnType<typeof Uint8Array.of>
  /** The same body as text, for clients that would serialise bytes once more (supertest's `send`); of bytes that are no text, send `body`. */
  readonly text: string
  readonly headers: SignedHeaders & { 'content-type': string }
  /** A `POST` for fetch handlers and for Hono's `app.request()`; a new one each time. Default `http://localhost/webhooks`. */
  toRequest(url?: string | URL): Request
  /** The event that API Gateway, a function URL or a load balancer makes of it. Default: payload version 2.0. */
  toLambdaEvent<V extends LambdaEventVersion = '2.0'>(
    version?: V,
    options?: LambdaEventOptions,
  ): LambdaEvents[V]
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
  const { payload, body, id, timestamp, ...signer } = resolveOptions(options, REQUEST_OPTIONS)
  const bytes = bodyOf({ payload, body })
  return toSignedRequest(bytes, await createSigner(signer)(bytes, { id, timestamp }))
}

/** The bytes that the options ask for. */
export function bodyOf({ payload, body }: GivenContent): Uint8Array {
  if (payload !== undefined && body !== undefined) {
    throw new TypeError(
      'signedRequest takes payload or body, not both: body is the bytes, payload is serialised',
    )
  }
  return bodyBytes(body ?? toJson(payload === undefined ? { type: 'test.event' } : payload))
}

function toJson(payload: unknown): string {
  const text: string | undefined = JSON.stringify(payload)
  if (text === undefined) {
    throw new TypeError(
      `payload must be a value that JSON can hold, not a ${typeof payload}; for other content give the bytes as body`,
    )
  }
  return text
}

/** A body with headers that may or may not be right for it, in all its shapes. */
export function toSignedRequest(bytes: Uint8Array, signed: SignedHeaders): SignedRequest {
  const body = Uint8Array.from(bytes)
  const headers = { 'content-type': 'application/json', ...signed }
  const decoded = textOf(body)
  const text = decoded ?? lossyText(body)
  return {
    body,
    text,
    headers,
    toRequest: (url = 'http://localhost/webhooks') =>
      new Request(url, { method: 'POST', body, headers }),
    toLambdaEvent<V extends LambdaEventVersion = '2.0'>(
      version?: V,
      options: LambdaEventOptions = {},
    ): LambdaEvents[V] {
      const event = lambdaEvents[version ?? '2.0'](
        { text, base64: btoa(binaryText(body)), headers },
        { base64: decoded === undefined, ...own(options) },
      )
      // The default of V is the default of version.
      return event as LambdaEvents[V]
    },
  }
}
