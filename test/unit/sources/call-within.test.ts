import { describe, expect, it } from '@jest/globals'
import { callWithin } from '../../../src/sources/call-within.js'
import { answer, hang, hangForEver } from '../../support/rotation-world.js'
import { createVirtualTime } from '../../support/virtual-time.js'

function start(call: (signal: AbortSignal) => unknown, { mayRetry = true } = {}) {
  const time = createVirtualTime(0)
  const abort = new AbortController()
  const calls: number[] = []
  const outcome: { value?: unknown; error?: unknown; at?: number } = {}
  const limits = { ...time, timeout: 5_000, random: () => 1 - Number.EPSILON }
  callWithin(
    limits,
    abort,
    (signal) => {
      calls.push(time.now())
      return call(signal)
    },
    mayRetry,
  ).then(
    (value) => Object.assign(outcome, { value, at: time.now() }),
    (error) => Object.assign(outcome, { error, at: time.now() }),
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
    const time = createVirtualTime(0)
    const calls: number[] = []
    const limits = { ...time, timeout: 5_000, random: () => 0 }
    const done = callWithin(
      limits,
      new AbortController(),
      () => {
        calls.push(time.now())
        throw new Error('no answer')
      },
      true,
    ).catch(() => {})
    await time.pass(5)
    await done
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
    expect(outcome).toMatchObject({ error: { reason: 'timeout' }, at: 5_000 })
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

  it('starts no timer whose delay a platform would take for 0', async () => {
    const time = createVirtualTime(0)
    const started: number[] = []
    const setTimeout = (_: () => void, milliseconds: number) => started.push(milliseconds)
    const limits = { ...time, setTimeout, timeout: 1e12, random: Math.random }
    await callWithin(limits, new AbortController(), () => 'secret')
    expect(started).toEqual([2 ** 31 - 1])
  })
})
