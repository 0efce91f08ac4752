import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { WebhookError } from '../../../src/base/errors.js'
import { notify, type Report, reporting } from '../../../src/delivery/report.js'
import type { VerdictEvent } from '../../../src/delivery/types.js'

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

  test('nobody has to listen', async () => {
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

describe('reporting', () => {
  async function eventsOf(run: (report: Report) => Promise<unknown>): Promise<VerdictEvent[]> {
    const events: VerdictEvent[] = []
    await reporting((event) => events.push(event), run).catch(() => undefined)
    return events
  }

  test('tells of an accepted delivery, once, with what is known of it', async () => {
    const events = await eventsOf(async (report) => {
      Object.assign(report, { id: 'msg_1', age: 2, keyId: 'abcdefgh' })
    })
    expect(events).toEqual([{ outcome: 'accepted', id: 'msg_1', age: 2, keyId: 'abcdefgh' }])
  })

  test('gives back what the work gives back', async () => {
    expect(await reporting(undefined, async () => 7)).toBe(7)
    expect(await reporting(jest.fn(), async () => 7)).toBe(7)
  })

  test('tells of a refusal with code, words and cause, and throws it on', async () => {
    const cause = new Error('down')
    const error = new WebhookError('secret_unavailable', 'not now', { cause })
    const observer = jest.fn()
    await expect(reporting(observer, () => Promise.reject(error))).rejects.toBe(error)
    expect(observer.mock.calls).toEqual([
      [{ outcome: 'refused', code: 'secret_unavailable', detail: 'not now', cause }],
    ])
  })

  test('keeps what a schema says of a payload to itself', async () => {
    const error = new WebhookError('payload_invalid', 'no', { cause: ['holds "hunter2"'] })
    const events = await eventsOf(() => Promise.reject(error))
    expect(events).toMatchObject([{ outcome: 'refused', code: 'payload_invalid' }])
    expect(JSON.stringify(events)).not.toContain('hunter2')
  })

  test('an error that is no verdict is thrown on and not reported', async () => {
    const observer = jest.fn()
    const error = new RangeError('bug')
    await expect(reporting(observer, () => Promise.reject(error))).rejects.toBe(error)
    expect(observer).not.toHaveBeenCalled()
  })

  test('an observer that fails changes neither outcome', async () => {
    const broken = (): never => {
      throw new Error('broken')
    }
    expect(await reporting(broken, async () => 7)).toBe(7)
    const error = new WebhookError('header_missing')
    await expect(reporting(broken, () => Promise.reject(error))).rejects.toBe(error)
    expect(printed).toHaveBeenCalledTimes(2)
  })
})
