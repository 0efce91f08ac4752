import type { Settle } from '../idempotency/lease.js'

/** Runs a handler and settles the claim by the status of what it returns: 2xx commits; any other, none, and a handler that throws release. */
export async function settleAfter<R>(
  run: () => Promise<R>,
  statusOf: (result: R) => number | undefined,
  settle: Settle | undefined,
): Promise<R> {
  // Looking at an answer can be dear: on some servers it becomes a real `Response` only then.
  if (!settle) return run()
  let status: number | undefined
  try {
    const result = await run()
    status = statusOf(result)
    return result
  } finally {
    await settle(status)
  }
}
