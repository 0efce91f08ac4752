import { expect, test } from '@jest/globals'
import { watchCalls } from 'countersign/http'

test('watchCalls calls back after each call, passes on this, arguments and result, and ends', () => {
  const calls: unknown[] = []
  const reply = {
    sent: [] as number[],
    send(a: number, b: number) {
      this.sent.push(a + b)
      return this
    },
  }
  const { send } = reply
  const unwatch = watchCalls(reply, 'send', () => calls.push([...reply.sent]))
  expect(reply.send(1, 2)).toBe(reply)
  reply.send(3, 4)
  unwatch()
  reply.send(5, 6)
  expect(reply.sent).toEqual([3, 7, 11])
  expect(calls).toEqual([[3], [3, 7]])
  expect(reply.send).toBe(send)
})
