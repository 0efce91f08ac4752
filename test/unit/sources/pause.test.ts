import { describe, expect, it } from '@jest/globals'
import { createPause } from '../../../src/sources/pause.js'

const noJitter = () => 1 - Number.EPSILON

describe('pause', () => {
  it('lets the first attempt be at once', () => {
    expect(createPause(noJitter).wait(0)).toBe(0)
  })

  it('doubles from 1 s to 60 s with every attempt', () => {
    const pause = createPause(noJitter)
    let now = 1_000_000
    const waits = Array.from({ length: 9 }, () => {
      pause.lengthen(now)
      const wait = pause.wait(now)
      now += wait
      return Math.round(wait / 1000)
    })
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
  })

  it('is shortened by jitter, by a quarter at most', () => {
    const pause = createPause(() => 0)
    pause.lengthen(0)
    expect(pause.wait(0)).toBe(750)
  })

  it('is over exactly when its time is', () => {
    const pause = createPause(noJitter)
    pause.lengthen(5_000)
    expect(pause.wait(5_998)).toBeGreaterThan(0)
    expect(pause.wait(6_000)).toBe(0)
  })

  it('starts over without growing, and takes as long as it is asked to', () => {
    const pause = createPause(noJitter)
    pause.lengthen(0)
    pause.restart(10_000)
    expect(Math.round(pause.wait(10_000))).toBe(1_000)
    pause.restart(10_000, 30_000)
    expect(pause.wait(10_000)).toBe(30_000)
    pause.lengthen(50_000)
    expect(Math.round(pause.wait(50_000))).toBe(2_000)
  })

  it('is gone, and short again, after a reset', () => {
    const pause = createPause(noJitter)
    for (let attempt = 0; attempt < 9; attempt += 1) pause.lengthen(0)
    pause.reset()
    expect(pause.wait(0)).toBe(0)
    pause.lengthen(0)
    expect(Math.round(pause.wait(0))).toBe(1_000)
  })

  it('is short again after a long quiet time, so that old trouble does not slow down what comes next', () => {
    const pause = createPause(noJitter)
    for (let attempt = 0; attempt < 9; attempt += 1) pause.lengthen(0)
    expect(pause.isFresh(359_000)).toBe(false)
    expect(pause.isFresh(360_000)).toBe(true)
    pause.lengthen(360_000)
    expect(Math.round(pause.wait(360_000))).toBe(1_000)
  })

  it('is not stretched by a clock that is set back', () => {
    const pause = createPause(noJitter)
    pause.lengthen(3_600_000)
    expect(pause.wait(0)).toBe(0)
  })
})
