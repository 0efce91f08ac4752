import type { ListedDelivery } from '../../src/cli/listener/listed-delivery.js'

/** An accepted delivery, as the listener lists it. */
export const listed = (changes: Partial<ListedDelivery> = {}): ListedDelivery => ({
  number: 1,
  receivedAt: '2026-01-01T00:00:00.000Z',
  method: 'POST',
  url: '/webhooks',
  verdict: 'accepted',
  size: 2,
  duration: 1.4,
  status: 204,
  ...changes,
})
