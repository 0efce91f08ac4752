import { describe, expect, it } from '@jest/globals'
import { createPause } from '../../../src/sources/pause.js'
import type { Why } from '../../../src/sources/why.js'

const noJitter = () => 1 - Number.EPSILON
const SECOND = 1_000

/** Attempts that bring nothing new, each as soon as it may be made. */
function failing(why: Why = 'mismatch', error?: { retryAfter?: number }) {
  const pause = createPause(noJitter)
  let now = 1_000_000
  return {
    pause,
    get now() {
      return now
    },
    attempt(): number {
      pause.begin(now, why).end(now, error)
      const wait = pause.wait(now)
      now += wait
      return Math.round(wait / SECOND)
    },
  }
}

describe('pause', () => {
  it('allows the first attempt at once', () => {
    expect(createPause(noJitter).wait(0)).toBe(0)
  })

  it.each([
    ['mismatch', undefined],
    ['mismatch', {}],
    ['age', {}],
    ['hand', {}],
  ] as const)('doubles from 1 s to 60 s with every attempt: %s, error %p', (why, error) => {
    const { attempt } = failing(why, error)
    expect(Array.from({ length: 9 }, attempt)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
  })

  it.each(['age', 'hand'] as const)('does not begin with an answer to %s', (why) => {
    expect(failing(why).attempt()).toBe(0)
  })

  it('counts a mismatch from when it begins, and other attempts when they fail', () => {
    const pause = createPause(noJitter)
    const age = pause.begin(0, 'age')
    expect(pause.wait(0)).toBe(0)
    age.end(0, {})
    expect(Math.round(pause.wait(0) / SECOND)).toBe(1)
    pause.begin(2_000, 'mismatch')
    expect(Math.round(pause.wait(2_000) / SECOND)).toBe(2)
  })

  it('counts many attempts that fail together as one', () => {
    const pause = createPause(noJitter)
    const attempts = Array.from({ length: 20 }, () => pause.begin(0, 'age'))
    for (const attempt of attempts) attempt.end(0, {})
    expect(Math.round(pause.wait(0) / SECOND)).toBe(1)
  })

  it('is shortened by jitter, by a quarter at most', () => {
    const pause = createPause(() => 0)
    pause.begin(0, 'mismatch').end(0)
    expect(pause.wait(0)).toBe(750)
  })

  it('is over exactly when its time is', () => {
    const pause = createPause(noJitter)
    pause.begin(5_000, 'mismatch').end(5_000)
    expect(pause.wait(5_998)).toBeGreaterThan(0)
    expect(pause.wait(6_000)).toBe(0)
  })

  it('counts from the end of an attempt, and takes as long as the account asks for, up to 10 minutes', () => {
    const pause = createPause(noJitter)
    const attempt = pause.begin(0, 'mismatch')
    attempt.end(10_000)
    expect(Math.round(pause.wait(10_000))).toBe(1_000)
    attempt.end(10_000, { retryAfter: 30 })
    expect(pause.wait(10_000)).toBe(30_000)
    attempt.end(10_000, { retryAfter: 9_000 })
    expect(pause.wait(10_000)).toBe(600_000)
  })

  it('lets an attempt call again only after a quiet time', () => {
    const { pause, attempt, now } = failing()
    expect(pause.begin(now, 'age').mayRetry).toBe(true)
    attempt()
    expect(pause.begin(now + 2_000, 'age').mayRetry).toBe(false)
  })

  it('ends, and is short again, when a new key is found', () => {
    const { pause, attempt, now } = failing()
    for (let times = 0; times < 9; times += 1) attempt()
    pause.found(now)
    expect(pause.wait(now)).toBe(0)
    expect(attempt()).toBe(1)
  })

  it('does not end twice a minute for keys that sign no delivery', () => {
    const source = failing()
    const { pause, attempt } = source
    const waits = Array.from({ length: 20 }, () => {
      pause.found(source.now)
      return attempt()
    })
    expect(waits.slice(0, 6)).toEqual([1, 2, 4, 8, 16, 32])
    const minutes = (source.now - 1_000_000) / 60_000
    expect(waits.length / minutes).toBeLessThan(8)
  })

  it('ends each time for a key that signs a delivery, if that delivery comes within a minute', () => {
    const source = failing()
    const { pause, attempt } = source
    for (let times = 0; times < 5; times += 1) {
      pause.found(source.now)
      pause.proved(source.now)
      expect(attempt()).toBe(1)
    }
    pause.found(source.now)
    pause.proved(source.now + 60_000)
    expect(attempt()).toBe(2)
  })

  it('ends once for a key that signs many deliveries', () => {
    const source = failing()
    const { pause, attempt } = source
    pause.found(source.now)
    pause.found(source.now)
    const waits = Array.from({ length: 4 }, () => {
      pause.proved(source.now)
      return attempt()
    })
    expect(waits).toEqual([1, 2, 4, 8])
  })

  it('is short again after a long quiet time, so that old trouble does not slow down what comes next', () => {
    const { pause, attempt } = failing()
    for (let times = 0; times < 9; times += 1) attempt()
    const end = 1_000_000 + (1 + 2 + 4 + 8 + 16 + 32 + 60 + 60 + 60) * SECOND
    expect(pause.isFresh(end + 299_000)).toBe(false)
    expect(pause.isFresh(end + 301_000)).toBe(true)
  })

  it('has been quiet exactly 5 minutes after its end', () => {
    const pause = createPause(() => 0)
    pause.begin(1_000_000, 'mismatch').end(1_000_000)
    expect(pause.isFresh(1_000_749 + 300_000)).toBe(false)
    expect(pause.isFresh(1_000_750 + 300_000)).toBe(true)
  })

  it('does not begin again with an answer after a long quiet time', () => {
    const { pause, attempt, now } = failing()
    for (let times = 0; times < 9; times += 1) attempt()
    const quiet = now + 600_000
    pause.begin(quiet, 'age').end(quiet)
    expect(pause.wait(quiet)).toBe(0)
  })

  it('counts an attempt for a mismatch once, even if it fails after its own pause', () => {
    const pause = createPause(noJitter)
    pause.begin(0, 'mismatch').end(5_000, {})
    expect(Math.round(pause.wait(5_000) / SECOND)).toBe(1)
  })

  it('takes a clock that is less than a second behind for the same time', () => {
    const pause = createPause(noJitter)
    pause.begin(3_600_000, 'mismatch').end(3_600_000)
    expect(pause.wait(3_599_000)).toBeGreaterThan(0)
    expect(pause.wait(3_598_999)).toBe(0)
  })

  it('ends for a new key after a clock was set back, as if the minute were over', () => {
    const { pause, attempt, now } = failing()
    pause.found(now)
    attempt()
    pause.found(now - 60_000)
    expect(pause.wait(now)).toBe(0)
  })

  it('keeps its distance after an answer too while there is trouble', () => {
    const { pause, attempt } = failing()
    attempt()
    const at = 1_000_000 + 2 * SECOND
    pause.begin(at, 'hand').end(at)
    expect(Math.round(pause.wait(at) / SECOND)).toBe(1)
  })

  it('is not stretched by a clock that is set back', () => {
    const pause = createPause(noJitter)
    pause.begin(3_600_000, 'mismatch').end(3_600_000)
    expect(pause.wait(0)).toBe(0)
  })
})
