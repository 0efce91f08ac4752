import { format, inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import pino from 'pino'
import type { Awaitable } from '../../../src/base/awaitable.js'
import { WebhookError } from '../../../src/base/errors.js'
import type { Report } from '../../../src/delivery/report.js'
import type {
  HeadersInput,
  SecretContext,
  VerdictEvent,
  VerifierOptions,
} from '../../../src/delivery/types.js'
import { type ArrivedDelivery, createReporting } from '../../../src/verify/reporting.js'

const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined)
afterEach(() => {
  printed.mockClear()
})

interface Delivery<R> {
  headers: HeadersInput
  context: SecretContext
  run: (attempt: ArrivedDelivery, report: Report) => Awaitable<R>
}

function bring<R>(attempt: ArrivedDelivery, report: Report, { run }: Delivery<R>): Awaitable<R> {
  return run(attempt, report)
}

/** As one verifier does it, without warnings. */
function reporting<R>(onVerdict: VerifierOptions['onVerdict'], delivery: Delivery<R>): Promise<R> {
  const report = createReporting<SecretContext>({ onVerdict, warn: false, now: Date.now })
  return report<Delivery<R>, R>(bring)(delivery)
}

describe('reporting', () => {
  const context = { request: { url: '/webhooks' } }
  const headers = { 'webhook-id': 'msg_1' }
  type Run = (attempt: ArrivedDelivery, report: Report) => Promise<unknown>

  async function eventsOf(run: Run): Promise<VerdictEvent[]> {
    const events: VerdictEvent[] = []
    const observer = (event: VerdictEvent): unknown => events.push(event)
    await reporting(observer, { headers, context, run }).catch(() => undefined)
    return events
  }
  function refusal(error: unknown, observer?: (event: VerdictEvent) => unknown): Promise<unknown> {
    return reporting(observer, { headers, context, run: () => Promise.reject(error) })
  }

  test('calls the observer for an accepted delivery, once, with what is known of it', async () => {
    const events = await eventsOf(async (_attempt, report) => {
      Object.assign(report, { id: 'msg_1', age: 2.00049, keyId: 'abcdefgh', bytes: 7 })
    })
    const known = { id: 'msg_1', age: 2, keyId: 'abcdefgh', bytes: 7 }
    expect(events).toEqual([{ outcome: 'accepted', ...known, duration: expect.any(Number) }])
  })

  test('gives back what the work gives back', async () => {
    const run = async (): Promise<number> => 7
    expect(await reporting(undefined, { headers, context, run })).toBe(7)
    expect(await reporting(jest.fn(), { headers, context, run })).toBe(7)
  })

  test('calls the observer for a refusal with code, words and cause, and throws it on', async () => {
    const cause = new Error('down')
    const error = new WebhookError('secret_unavailable', 'not now', { cause })
    const observer = jest.fn()
    await expect(refusal(error, observer)).rejects.toBe(error)
    const reason = { code: 'secret_unavailable', detail: 'not now', cause }
    expect(observer.mock.calls).toEqual([
      [{ outcome: 'refused', ...reason, duration: expect.any(Number) }],
    ])
  })

  test('the duration is in seconds, rounded to milliseconds', async () => {
    const clock = jest.spyOn(performance, 'now')
    clock.mockReturnValueOnce(1000.3).mockReturnValueOnce(3234.56789)
    try {
      expect(await eventsOf(async () => undefined)).toMatchObject([{ duration: 2.234 }])
    } finally {
      clock.mockRestore()
    }
  })

  test('the context is there, and no logger prints it', async () => {
    for (const run of [async () => 7, () => Promise.reject(new WebhookError('header_missing'))]) {
      const [event] = await eventsOf(run)
      expect(event?.context).toBe(context)
      expect(JSON.stringify(event)).not.toContain('/webhooks')
      expect(inspect(event)).not.toContain('/webhooks')
    }
  })

  test('keeps what a schema says of a payload to itself', async () => {
    const error = new WebhookError('payload_invalid', 'no', { cause: ['holds "hunter2"'] })
    const events = await eventsOf(() => Promise.reject(error))
    expect(events).toMatchObject([{ outcome: 'refused', code: 'payload_invalid' }])
    expect(JSON.stringify(events)).not.toContain('hunter2')
  })

  test('work that is done at once is reported at once', async () => {
    const observer = jest.fn()
    const done = reporting(observer, { headers, context, run: () => 7 })
    expect(observer).toHaveBeenCalledTimes(1)
    expect(await done).toBe(7)
  })

  test('without an observer nothing is measured', async () => {
    const clock = jest.spyOn(performance, 'now')
    try {
      expect(await reporting(undefined, { headers, context, run: () => 7 })).toBe(7)
      expect(clock).not.toHaveBeenCalled()
    } finally {
      clock.mockRestore()
    }
  })

  test('a warning is only for a receiver without an observer', async () => {
    const warn = jest.fn()
    const run = () => Promise.reject(new WebhookError('store_unavailable', 'down'))
    for (const onVerdict of [jest.fn(), undefined]) {
      expect(warn).not.toHaveBeenCalled()
      const report = createReporting<SecretContext>({ onVerdict, warn, now: Date.now })(bring)
      await expect(report({ headers, context, run })).rejects.toThrow('down')
    }
    expect(warn).toHaveBeenCalledTimes(1)
  })

  test('an error that is not a WebhookError is thrown on and not reported', async () => {
    const observer = jest.fn()
    const error = new RangeError('bug')
    await expect(refusal(error, observer)).rejects.toBe(error)
    expect(observer).not.toHaveBeenCalled()
    expect(error).not.toHaveProperty('delivery')
  })

  test('an observer that fails changes neither outcome', async () => {
    const broken = (): never => {
      throw new Error('broken')
    }
    expect(await reporting(broken, { headers, context, run: async () => 7 })).toBe(7)
    const error = new WebhookError('header_missing')
    await expect(refusal(error, broken)).rejects.toBe(error)
    expect(printed).toHaveBeenCalledTimes(2)
  })

  test('a refusal has the delivery, with an observer and without', async () => {
    for (const observer of [undefined, jest.fn()]) {
      const error = new WebhookError('signature_mismatch')
      const run: Run = (attempt) => {
        attempt.body = 'body'
        return Promise.reject(error)
      }
      await expect(reporting(observer, { headers, context, run })).rejects.toBe(error)
      expect({ ...error.delivery }).toEqual({ headers, body: 'body' })
    }
  })

  test('a refusal before the body was read has the headers', async () => {
    const error = new WebhookError('header_missing')
    await expect(refusal(error)).rejects.toBe(error)
    expect({ ...error.delivery }).toEqual({ headers, body: undefined })
  })

  test('an error that the application froze is thrown unchanged', async () => {
    const error = Object.freeze(new WebhookError('signature_mismatch', 'unknown tenant'))
    await expect(refusal(error)).rejects.toBe(error)
  })

  test('one error that is thrown for many deliveries has the last one', async () => {
    const error = new WebhookError('signature_mismatch', 'unknown tenant')
    const run = (): Promise<never> => Promise.reject(error)
    for (const headers of [{ a: '1' }, { a: '2' }]) {
      await expect(reporting(undefined, { headers, context, run })).rejects.toBe(error)
      expect(error.delivery.headers).toEqual(headers)
    }
  })

  test('headers that can be read only once can be read again from the delivery', async () => {
    const lines = [['webhook-id', 'msg_1']] as const
    const error = new WebhookError('header_missing')
    const run: Run = ({ headers }) => {
      expect([...(headers as Iterable<unknown>)]).toEqual(lines)
      return Promise.reject(error)
    }
    const once = { headers: lines[Symbol.iterator](), context, run }
    await expect(reporting(undefined, once)).rejects.toBe(error)
    expect(error.delivery.headers).toEqual(lines)
  })
})

describe('loggers do not print the delivery', () => {
  const marked = { headers: { 'webhook-signature': 'v1,zebra' }, body: '{"card":"zebra"}' }
  const context = { request: 'zebra', env: { SECRET: 'zebra' } }
  let error: WebhookError

  async function refuse(cause?: unknown): Promise<void> {
    const run = async (attempt: ArrivedDelivery): Promise<never> => {
      attempt.body = marked.body
      throw new WebhookError('signature_mismatch', 'no signature matches', { cause })
    }
    error = await reporting(undefined, { ...marked, context, run }).catch((thrown) => thrown)
    expect(error.delivery.body).toBe(marked.body)
  }
  beforeEach(() => refuse())

  test.each<[string, (error: WebhookError) => string]>([
    ['util.inspect', (error) => inspect(error, { depth: Infinity })],
    [
      'util.format, which console.log uses',
      (error) => format('%o %O %s %j', error, error, error, error),
    ],
    ['JSON.stringify', (error) => JSON.stringify([error, { ...error }, Object.entries(error)])],
    ['structuredClone', (error) => inspect(structuredClone(error))],
    ['an error around it', (error) => inspect(new Error('outer', { cause: error }))],
    ['String and the stack', (error) => `${error} ${error.stack}`],
  ])('%s', (_, print) => {
    expect(print(error)).not.toContain('zebra')
  })

  test('pino', () => {
    const lines: string[] = []
    const logger = pino({}, { write: (line: string) => lines.push(line) })
    logger.error(error)
    logger.error({ err: error, error, cause: [error] }, 'refused')
    logger.child({ error }).warn('refused')
    expect(lines).toHaveLength(3)
    expect(lines.join('')).toContain('signature_mismatch')
    expect(lines.join('')).not.toContain('zebra')
  })
})
