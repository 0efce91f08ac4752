import type { Webhook } from '../delivery/types.js'

// A property, because a WeakMap with an entry for each request makes garbage collection expensive.
const verified = Symbol('countersign.webhook')

/** Keeps the webhook of a request, for frameworks whose request has no place for it. Returns the webhook. */
export function keepWebhook<T>(request: object, webhook: Webhook<T>): Webhook<T> {
  // Not enumerable, so no logger prints it. A frozen request keeps nothing, and that is no error.
  Reflect.defineProperty(request, verified, { value: webhook, configurable: true })
  return webhook
}

/** The webhook that an earlier adapter kept for this request: the `previous` of a delivery. */
export function keptWebhook(request: object): Webhook | undefined {
  return Object(request)[verified]
}
