import type { ListedDelivery } from '../listener/listed-delivery.js'

export type Kind = 'all' | 'accepted' | 'refused'

/** Those whose verdict and words fit. Every word has to be found somewhere. */
export function filterDeliveries(
  deliveries: readonly ListedDelivery[],
  { text, kind }: { readonly text: string; readonly kind: Kind },
): readonly ListedDelivery[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0 && kind === 'all') return deliveries
  return deliveries.filter((delivery) => {
    if (kind !== 'all' && delivery.verdict !== kind) return false
    const where = searched(delivery)
    return words.every((word) => where.includes(word))
  })
}

function searched({ id, type, code, url, verdict, forwarded, status }: ListedDelivery): string {
  return [id, type, code, url, verdict, forwarded?.status, forwarded?.code, status]
    .join(' ')
    .toLowerCase()
}
