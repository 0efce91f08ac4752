import type { IncomingMessage, ServerResponse } from 'node:http'
import type { History } from './history.js'
import { LOCKED } from './page-file.js'

/** Milliseconds between two batches: the page draws as often. */
const PAUSE = 100
const HEARTBEAT = 15_000

export interface EventStreamOptions {
  readonly history: History
  /** Names this run of the program: numbers of another one mean nothing here. */
  readonly run: string
  /** Ends the streams. */
  readonly signal: AbortSignal
}

/**
 * Server-Sent Events: what changed, in batches. A page that comes back says what it saw last and gets the rest. One that reads slowly
 * gets fewer and larger batches, never a queue that grows.
 */
export function createEventStream({
  history,
  run,
  signal,
}: EventStreamOptions): (request: IncomingMessage, response: ServerResponse) => void {
  return function stream(request, response) {
    let seen = lastSeen(request, run)
    let timer: NodeJS.Timeout | undefined
    let isFull = false

    response.writeHead(200, { ...LOCKED, 'content-type': 'text/event-stream' })
    response.write(`retry: 1000\n\n`)
    // The page has another run on display, or nothing: it starts again.
    if (seen === 0) response.write(`event: start\nid: ${run}-0\ndata: {}\n\n`)

    function send(): void {
      timer = undefined
      const changed = isFull ? [] : history.since(seen)
      const last = changed.at(-1)?.revision
      if (last === undefined) return
      seen = last
      const data = JSON.stringify(changed.map(({ listed }) => listed))
      isFull = !response.write(`id: ${run}-${seen}\ndata: ${data}\n\n`)
    }
    function soon(): void {
      timer ??= setTimeout(send, PAUSE)
    }
    response.on('drain', () => {
      isFull = false
      soon()
    })
    const heartbeat = setInterval(() => isFull || response.write(':\n\n'), HEARTBEAT)
    const stop = history.watch(soon)
    const end = (): void => {
      response.end()
    }
    signal.addEventListener('abort', end, { once: true })
    response.on('close', () => {
      stop()
      signal.removeEventListener('abort', end)
      clearTimeout(timer)
      clearInterval(heartbeat)
    })
    send()
  }
}

function lastSeen({ headers, url = '' }: IncomingMessage, run: string): number {
  const after = new URL(url, 'http://localhost').searchParams.get('after')
  const id = headers['last-event-id'] ?? after
  const [, of, revision] = /^([\w-]+)-(\d{1,15})$/.exec(String(id)) ?? []
  return of === run ? Number(revision) : 0
}
