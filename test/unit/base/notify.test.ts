import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { notify } from '../../../src/base/notify.js'

const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined)
afterEach(() => {
  printed.mockClear()
})

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('notify', () => {
  test('hands the event over, at once', () => {
    const observer = jest.fn()
    notify(observer, { a: 1 })
    expect(observer.mock.calls).toEqual([[{ a: 1 }]])
  })

  test('an observer is optional', async () => {
    await expect(notify(undefined, {})).resolves.toBeUndefined()
  })

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
    [
      'throws undefined',
      () => {
        throw undefined
      },
    ],
  ])('an observer that %s changes nothing and is printed', async (_, observer) => {
    await expect(notify(observer, {})).resolves.toBeUndefined()
    await settled()
    expect(printed).toHaveBeenCalledTimes(1)
  })
})

test('an observer that fails is printed with its name', async () => {
  const failed = new Error('broken')
  const onVerdict = (): never => {
    throw failed
  }
  await notify(onVerdict, {})
  expect(printed).toHaveBeenCalledWith('countersign: observer onVerdict failed', failed)
})

test('an observer that fails and has no name is said to have none', async () => {
  const failed = new Error('broken')
  await notify(async () => Promise.reject(failed), {})
  expect(printed).toHaveBeenCalledWith('countersign: observer without a name failed', failed)
})
