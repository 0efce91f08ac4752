import type { Server } from 'node:http'

/** Milliseconds that answers in progress get at the end. */
const GRACE = 2000

/** Ends the server when the signal says so. Resolves once it has ended. */
export function closed(server: Server, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    function close(): void {
      server.close(() => resolve())
      server.closeIdleConnections()
      setTimeout(() => server.closeAllConnections(), GRACE).unref()
    }
    if (signal.aborted) close()
    else signal.addEventListener('abort', close, { once: true })
  })
}
