import { getEventListeners } from 'node:events'
import { describe, expect, jest, test } from '@jest/globals'
import { all, andThen, isThenable, orAborted } from '../../../src/base/awaitable.js'

describe('isThenable', () => {
  test.each([Promise.resolve(1), Promise.resolve(2)])('%p is', (value) => {
    expect(isThenable(value)).toBe(true)
  })
  test.each([undefined, null, 0, '', 'then', true, {}, [], new Uint8Array(1)])(
    '%p is not',
    (value) => {
      expect(isThenable(value)).toBe(false)
    },
  )
})

describe('andThen', () => {
  test('goes on at once if the value is there', () => {
    const next = jest.fn((value: number) => value + 1)
    expect(andThen(1, next)).toBe(2)
    expect(next).toHaveBeenCalledTimes(1)
  })
  test('waits if it is not', async () => {
    const next = jest.fn((value: number) => value + 1)
    const result = andThen(Promise.resolve(1), next)
    expect(next).not.toHaveBeenCalled()
    expect(await result).toBe(2)
  })
  test('goes on once after a thenable that returns nothing, calls back twice or calls back at once', async () => {
    const next = jest.fn((value: number) => value + 1)
    const thenable = {
      // biome-ignore lint/suspicious/noThenProperty: what libraries return in place of a promise
      then(done: (value: number) => unknown): void {
        done(1)
        done(2)
      },
    }
    const result = andThen(thenable as unknown as PromiseLike<number>, next)
    expect(next).not.toHaveBeenCalled()
    expect(await result).toBe(2)
    expect(next).toHaveBeenCalledTimes(1)
  })
  test('hands undefined and false on as values', () => {
    expect(andThen(undefined, (value) => [value])).toEqual([undefined])
    expect(andThen(false, (value) => [value])).toEqual([false])
  })
  test('a failure stays a failure', async () => {
    const next = jest.fn()
    await expect(andThen(Promise.reject(new Error('down')), next)).rejects.toThrow('down')
    expect(next).not.toHaveBeenCalled()
    const fail = (): never => {
      throw new Error('down')
    }
    expect(() => andThen(1, fail)).toThrow('down')
  })
})

describe('all', () => {
  test('is there at once if every value is', () => {
    expect(all([1, 2])).toEqual([1, 2])
    expect(all([])).toEqual([])
  })
  test('waits for one that is not, and keeps the order', async () => {
    const result = all([1, Promise.resolve(2), 3])
    expect(isThenable(result)).toBe(true)
    expect(await result).toEqual([1, 2, 3])
  })
  test('fails with the one that fails', async () => {
    await expect(all([1, Promise.reject(new Error('down'))])).rejects.toThrow('down')
  })
})

describe('orAborted', () => {
  const never = new Promise<never>(() => undefined)
  test('is what the work brings', async () => {
    const { signal } = new AbortController()
    expect(await orAborted(Promise.resolve(1), signal)).toBe(1)
    expect(await orAborted(1, signal)).toBe(1)
    await expect(orAborted(Promise.reject(new Error('down')), signal)).rejects.toThrow('down')
  })
  test('ends with the signal, whatever the work does', async () => {
    const abort = new AbortController()
    const ended = orAborted(never, abort.signal)
    abort.abort(new Error('too late'))
    await expect(ended).rejects.toThrow('too late')
  })
  test('leaves nothing on the signal', async () => {
    const { signal } = new AbortController()
    await orAborted(Promise.resolve(1), signal)
    await orAborted(Promise.reject(new Error('down')), signal).catch(() => undefined)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
  test('work that fails after the signal has no effect', async () => {
    const abort = new AbortController()
    let fail: (error: Error) => void = () => undefined
    const work = new Promise<never>((_, reject) => {
      fail = reject
    })
    const ended = orAborted(work, abort.signal)
    abort.abort(new Error('too late'))
    fail(new Error('down'))
    await expect(ended).rejects.toThrow('too late')
  })
})
