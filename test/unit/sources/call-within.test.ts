import { describe, expect, it } from '@jest/globals'
import { callWithin } from '../../../src/sources/call-within.js'
import { RefreshError } from '../../../src/sources/refresh-error.js'
import { answer, hang, hangForEver } from '../../support/rotation-world.js'
import { createVirtualTime, type VirtualTime } from '../../support/virtual-time.js'

const BEGUN = 1_000_000

/** Calls, and keeps the milliseconds after the beginning at which each call was made and the outcome came. */
function start(
  call: (signal: AbortSignal, time: VirtualTime) => unknown,
  { mayRetry = true, random = () => 1 - Number.EPSILON } = {},
) {
  const time = createVirtualTime(BEGUN)
  const abort = new AbortController()
  const calls: number[] = []
  const outcome: { value?: unknown; error?: unknown; at?: number } = {}
  const limits = { ...time, timeout: 5_000, random }
  callWithin(
    limits,
    abort,
    (signal) => {
      calls.push(time.now() - BEGUN)
      return call(signal, time)
    },
    mayRetry,
  ).then(
    (value) => Object.assign(outcome, { value, at: time.now() - BEGUN }),
    (error) => Object.assign(outcome, { error, at: time.now() - BEGUN }),
  )
  return { time, abort, calls, outcome }
}

describe('one refresh', () => {
  it('resolves to the answer and leaves no timer', async () => {
    const { time, outcome } = start(() => 'secret')
    await time.settle()
    expect(outcome).toEqual({ value: 'secret', at: 0 })
    expect(time.timers).toBe(0)
  })

  it.each([
    ['no answer', () => Promise.reject(new TypeError('fetch failed'))],
    ['429', answer(429)],
    ['500', answer(500)],
    ['503', answer(503)],
    ['a time-out of its own', () => Promise.reject(new RefreshError('timeout', 'too slow'))],
  ])(
    'tries %s again twice, waiting longer each time, then gives the last error',
    async (_, call) => {
      const { time, calls, outcome } = start(call)
      await time.pass(5)
      expect(calls.map((at) => Math.round(at))).toEqual([0, 500, 1_500])
      expect(outcome.error).toBeInstanceOf(Error)
      expect(time.timers).toBe(0)
    },
  )

  it('shortens the wait by jitter, by half at most', async () => {
    const { time, calls } = start(answer(500), { random: () => 0 })
    await time.pass(5)
    expect(calls).toEqual([0, 250, 750])
  })

  it('waits as long as Retry-After says', async () => {
    let asked = 0
    const { time, calls, outcome } = start((signal) => {
      asked += 1
      return asked === 1 ? answer(429, 3)(signal) : 'secret'
    })
    await time.pass(5)
    expect(calls).toEqual([0, 3_000])
    expect(outcome).toEqual({ value: 'secret', at: 3_000 })
  })

  it('gives up at once if Retry-After is longer than the time it has', async () => {
    const { time, outcome } = start(answer(503, 5))
    await time.settle()
    expect(outcome).toMatchObject({ error: { status: 503 }, at: 0 })
    expect(time.timers).toBe(0)
  })

  it('gives up at once if the time that is left is shorter than the wait', async () => {
    const { time, calls, outcome } = start(async (_, time) => {
      await new Promise<void>((resolve) => time.setTimeout(resolve, 4_600))
      throw Object.assign(new Error('status 500'), { status: 500 })
    })
    await time.pass(4.6)
    expect(outcome).toMatchObject({ error: { status: 500 }, at: 4_600 })
    expect(calls).toEqual([0])
    expect(time.timers).toBe(0)
  })

  it.each([400, 401, 403, 404])('does not try %i again', async (status) => {
    const { time, calls } = start(answer(status))
    await time.pass(5)
    expect(calls).toHaveLength(1)
  })

  it('does not try again unless retries are allowed', async () => {
    const { time, calls } = start(answer(500), { mayRetry: false })
    await time.pass(5)
    expect(calls).toHaveLength(1)
  })

  it.each([
    ['ends with its signal', hang],
    ['takes no notice of it', hangForEver],
  ])('ends after the time-out, whether the call %s', async (_, call) => {
    const { time, outcome } = start(call)
    await time.pass(4.999)
    expect(outcome).toEqual({})
    await time.pass(0.001)
    expect(outcome).toMatchObject({
      error: { reason: 'timeout', message: expect.stringContaining('not fetched within 5 s:') },
      at: 5_000,
    })
    expect(time.timers).toBe(0)
  })

  it('counts waits and retries into the time-out', async () => {
    let asked = 0
    const { time, outcome } = start((signal) => {
      asked += 1
      return asked === 1 ? answer(500)(signal) : hangForEver()
    })
    await time.pass(5)
    expect(outcome).toMatchObject({ error: { reason: 'timeout' }, at: 5_000 })
    expect(time.timers).toBe(0)
  })

  it('ends at once when it is stopped, also between two calls', async () => {
    const { time, abort, outcome } = start(answer(500))
    await time.pass(0.1)
    abort.abort(new Error('closed'))
    await time.settle()
    expect(outcome).toMatchObject({ error: { message: 'closed' }, at: 100 })
    expect(time.timers).toBe(0)
  })

  it('that is stopped during a call does not call again', async () => {
    const { time, abort, calls, outcome } = start(hang)
    await time.pass(0.1)
    abort.abort(new Error('closed'))
    await time.pass(4)
    expect(outcome).toMatchObject({ error: { message: 'closed' }, at: 100 })
    expect(calls).toEqual([0])
    expect(time.timers).toBe(0)
  })

  it('that is stopped during a call that ends later does not call again, and leaves no timer', async () => {
    const { time, abort, calls } = start(
      (signal, time) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => time.setTimeout(() => reject(signal.reason), 10)),
        ),
    )
    await time.pass(0.1)
    abort.abort(new Error('closed'))
    await time.pass(0.1)
    expect(time.timers).toBe(0)
    await time.pass(4)
    expect(calls).toEqual([0])
  })

  it('starts no timer whose delay a platform would take for 0', async () => {
    const time = createVirtualTime(0)
    const started: number[] = []
    const setTimeout = (_: () => void, milliseconds: number) => started.push(milliseconds)
    const limits = { ...time, setTimeout, timeout: 1e12, random: Math.random }
    await callWithin(limits, new AbortController(), () => 'secret')
    expect(started).toEqual([2 ** 31 - 1])
  })
})
