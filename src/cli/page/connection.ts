import type { DetailedDelivery, ListedDelivery } from '../listener/listed-delivery.js'

const ROOT = '/_countersign'
const MAX_KEPT = 1000

/** What the page knows of the listener. */
export interface Known {
  /** Newest first. */
  readonly deliveries: readonly ListedDelivery[]
  readonly isConnected: boolean
}

/** Follows the listener. The browser comes back by itself after a lost connection and says what it saw last. */
export function connect(onChange: (known: Known) => void): () => void {
  let deliveries: readonly ListedDelivery[] = []
  let isConnected = false
  let lastId = ''
  let source = open()

  function tell(): void {
    onChange({ deliveries, isConnected })
  }
  function open(): EventSource {
    const source = new EventSource(`${ROOT}/events${lastId && `?after=${lastId}`}`)
    source.onopen = () => {
      isConnected = true
      tell()
    }
    source.addEventListener('start', () => {
      deliveries = []
      tell()
    })
    source.onmessage = ({ data, lastEventId }) => {
      lastId = lastEventId
      deliveries = merged(deliveries, JSON.parse(data))
      tell()
    }
    source.onerror = () => {
      isConnected = false
      tell()
      // The browser gives up on some errors; the listener may be back in a moment all the same.
      if (source.readyState === EventSource.CLOSED) setTimeout(again, 2000)
    }
    return source
  }
  function again(): void {
    source.close()
    source = open()
  }
  return () => source.close()
}

/** New ones in front, changed ones in their place. */
export function merged(
  before: readonly ListedDelivery[],
  changed: readonly ListedDelivery[],
): readonly ListedDelivery[] {
  const byNumber = new Map(changed.map((delivery) => [delivery.number, delivery]))
  const kept = before.map((delivery) => {
    const now = byNumber.get(delivery.number)
    byNumber.delete(delivery.number)
    return now ?? delivery
  })
  const added = [...byNumber.values()].sort((a, b) => b.number - a.number)
  return [...added, ...kept].slice(0, MAX_KEPT)
}

export async function fetchDetail(number: number): Promise<DetailedDelivery> {
  return (await ask(`${number}`)).json()
}

export async function fetchBody(number: number): Promise<Uint8Array> {
  return new Uint8Array(await (await ask(`${number}/body`)).arrayBuffer())
}

export async function resend(number: number, action: 'replay' | 'sign'): Promise<void> {
  await ask(`${number}/${action}`, 'POST')
}

export function captureUrl(number: number): string {
  return `${ROOT}/deliveries/${number}/capture`
}

async function ask(path: string, method = 'GET'): Promise<Response> {
  const response = await fetch(`${ROOT}/deliveries/${path}`, { method })
  if (response.ok) return response
  throw new Error((await response.text()).trim())
}
