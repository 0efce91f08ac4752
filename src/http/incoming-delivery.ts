import type { Awaitable } from '../base/awaitable.js'
import type { HeadersInput, SecretContext, WebhookBody } from '../delivery/types.js'
import type { Endpoint } from './endpoint.js'

/** A request as an adapter passes it to a receiver. */
export interface IncomingDelivery<Context = SecretContext> {
  readonly headers: HeadersInput
  /** Reads at most `maxBytes` bytes. Throws `body_too_large` or `body_unavailable`. */
  readonly readBody: (maxBytes: number) => Awaitable<WebhookBody>
  readonly context: Context
  /** Returns the URL or path of the request, with the route's pattern and parameters if the framework knows them. Called only with `idempotency`. */
  readonly endpoint?: (() => string | Endpoint) | undefined
  /** The webhook of an earlier adapter on the same request. Its bytes are verified again, because the request can be read only once. */
  readonly previous?: unknown
}
