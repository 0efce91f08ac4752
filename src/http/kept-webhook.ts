import type { Webhook } from '../delivery/types.js'

const verified = new WeakMap<object, Webhook>()

/** Keeps the webhook of a request, for frameworks whose request has no place for it. Returns the webhook. */
export function keepWebhook<T>(request: object, webhook: Webhook<T>): Webhook<T> {
  verified.set(request, webhook)
  return webhook
}

/** The webhook that an earlier adapter kept for this request: the `previous` of a delivery. */
export function keptWebhook(request: object): Webhook | undefined {
  return verified.get(request)
}
