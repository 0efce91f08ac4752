import type { Settle } from '../idempotency/lease.js'

/**
 * Runs a handler and settles the claim by the status of its answer. 2xx commits. Any other status, no status, or an exception releases the claim.
 * If the sender hangs up meanwhile (`signal`, if the platform has one), the claim is held until the handler ends or the lease runs out.
 */
export async function settleAfter<R>(
  run: () => Promise<R>,
  statusOf: (result: R) => number | undefined,
  settle: Settle | undefined,
  signal?: AbortSignal | undefined,
): Promise<R> {
  // Reading the status can be expensive: some servers create the real `Response` only then.
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
