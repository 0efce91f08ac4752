import { describe, expect, test } from '@jest/globals'
import { type Settle, settleAfter } from 'countersign/http'

function recording(): { settle: Settle; calls: (number | undefined)[] } {
  const calls: (number | undefined)[] = []
  return { calls, settle: settleWith(async (status) => void calls.push(status)) }
}
function settleWith(settle: (status?: number) => Promise<void>): Settle {
  return Object.assign(settle, { hungUp() {} })
}
const statusOf = ({ status }: { status: number }) => status

describe('settleAfter', () => {
  test('without a claim the answer is not looked at', async () => {
    const look = () => {
      throw new Error('looked')
    }
    expect(await settleAfter(async () => 'answer', look, undefined)).toBe('answer')
  })
  test('returns the answer, and gives its status to the claim', async () => {
    const { settle, calls } = recording()
    const answer = { status: 202 }
    expect(await settleAfter(async () => answer, statusOf, settle)).toBe(answer)
    expect(calls).toEqual([202])
  })
  test('a handler that throws settles without a status, and its error is thrown again', async () => {
    const { settle, calls } = recording()
    const boom = new Error('boom')
    const run = () => Promise.reject<{ status: number }>(boom)
    await expect(settleAfter(run, statusOf, settle)).rejects.toBe(boom)
    expect(calls).toEqual([undefined])
  })
  test('an answer without a readable status settles without a status', async () => {
    const { settle, calls } = recording()
    const unreadable = () => {
      throw new Error('no status')
    }
    await expect(settleAfter(async () => ({ status: 200 }), unreadable, settle)).rejects.toThrow()
    expect(calls).toEqual([undefined])
  })
  test('answers only when the claim is settled, so that nothing is left to do behind', async () => {
    const order: string[] = []
    const settle = settleWith(async () => {
      await new Promise((resolve) => setImmediate(resolve))
      order.push('settled')
    })
    await settleAfter(async () => ({ status: 200 }), statusOf, settle)
    order.push('answered')
    expect(order).toEqual(['settled', 'answered'])
  })
  describe('a sender that hangs up', () => {
    function watched() {
      const seen: string[] = []
      const sender = new AbortController()
      const settle = Object.assign(async () => void seen.push('settled'), {
        hungUp: () => void seen.push('hung up'),
      })
      const run = (work: () => void) =>
        settleAfter(
          async () => {
            seen.push('handler')
            work()
            return { status: 200 }
          },
          statusOf,
          settle,
          sender.signal,
        )
      return { seen, sender, run }
    }
    test('before the handler runs: said first', async () => {
      const { seen, sender, run } = watched()
      sender.abort()
      await run(() => {})
      expect(seen).toEqual(['hung up', 'handler', 'settled'])
    })
    test('while it runs: said at once', async () => {
      const { seen, sender, run } = watched()
      await run(() => sender.abort())
      expect(seen).toEqual(['handler', 'hung up', 'settled'])
    })
    test('after it: not said any more', async () => {
      const { seen, sender, run } = watched()
      await run(() => {})
      sender.abort()
      expect(seen).toEqual(['handler', 'settled'])
    })
  })
  test('without idempotency there is nothing to settle', async () => {
    expect(await settleAfter(async () => ({ status: 200 }), statusOf, undefined)).toBeDefined()
  })
})
