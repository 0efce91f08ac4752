import type { Settle } from '../idempotency/lease.js'

/**
 * Runs a handler and settles the claim by the status of what it returns: 2xx commits; any other, none, and a handler that throws release.
 * If the sender hangs up meanwhile (`signal`, if the platform has one), the claim stays held until then or until the lease runs out.
 */
export async function settleAfter<R>(
  run: () => Promise<R>,
  statusOf: (result: R) => number | undefined,
  settle: Settle | undefined,
  signal?: AbortSignal | undefined,
): Promise<R> {
  // Looking at an answer can be expensive: on some servers it becomes a real `Response` only then.
  if (!settle) return run()
  let status: number | undefined
  if (signal?.aborted) settle.hungUp()
  signal?.addEventListener('abort', settle.hungUp)
  try {
    const result = await run()
    status = statusOf(result)
    return result
  } finally {
    signal?.removeEventListener('abort', settle.hungUp)
    await settle(status)
  }
}
