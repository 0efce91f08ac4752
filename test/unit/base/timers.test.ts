import { expect, test } from '@jest/globals'
import { createWorkTimers, startTimer, startTimerBehind } from '../../../src/base/timers.js'

/** Timers as Node has them, which note what is done to them. */
function nodeTimers() {
  const callbacks: (() => void)[] = []
  const alive: boolean[] = []
  return {
    alive,
    fire: (index: number) => callbacks[index]?.(),
    setTimeout(callback: () => void) {
      const index = callbacks.push(callback) - 1
      alive[index] = true
      return {
        ref: () => (alive[index] = true),
        unref: () => (alive[index] = false),
      }
    },
    clearTimeout() {},
  }
}

test('a timer that a delivery waits for keeps the process alive, a background timer does not', () => {
  const timers = nodeTimers()
  startTimer(timers, () => {}, 1)
  startTimerBehind(timers, () => {}, 1)
  expect(timers.alive).toEqual([true, false])
})

test('timers that are numbers, as elsewhere, are left alone, and none is too long', () => {
  const waits: number[] = []
  const setTimeout = (_: () => void, milliseconds: number) => waits.push(milliseconds)
  const timers = { setTimeout, clearTimeout() {} }
  expect(startTimerBehind(timers, () => {}, 1e300)).toBe(1)
  expect(waits).toEqual([2_147_483_647])
})

test('the timers of work keep the process alive exactly while somebody waits for it', async () => {
  const timers = nodeTimers()
  const work = createWorkTimers(timers)
  const ends: (() => void)[] = []
  const wait = () => work.waitFor(new Promise<void>((resolve) => ends.push(resolve)))
  work.setTimeout(() => {}, 1)
  expect(timers.alive).toEqual([false])
  const first = wait()
  work.setTimeout(() => {}, 1)
  expect(timers.alive).toEqual([true, true])
  const second = wait()
  ends[0]?.()
  await first
  expect(timers.alive).toEqual([true, true])
  ends[1]?.()
  await second
  expect(timers.alive).toEqual([false, false])
})

test('work that fails is waited for no longer, and a timer that has fired is forgotten', async () => {
  const timers = nodeTimers()
  const work = createWorkTimers(timers)
  let fired = 0
  work.setTimeout(() => (fired += 1), 1)
  work.clearTimeout(work.setTimeout(() => {}, 1))
  timers.fire(0)
  expect(fired).toBe(1)
  await expect(work.waitFor(Promise.reject(new Error('down')))).rejects.toThrow('down')
  expect(timers.alive).toEqual([false, false])
})
