import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { WebhookError, type WebhookErrorCode } from '../../../src/base/errors.js'
import { bodyBrokenOff } from '../../../src/delivery/body.js'
import { STATUS } from '../../../src/http/answer.js'
import { createWarner, print, sharedWarn } from '../../../src/verify/warner.js'

const OWN: readonly string[] = ['body_unavailable', 'secret_unavailable', 'store_unavailable']
const codes = Object.keys(STATUS) as WebhookErrorCode[]

let time = 0
let lines: string[] = []
const now = (): number => time
const warner = (): ((error: WebhookError) => unknown) => {
  const warn = createWarner((text) => void lines.push(text), now)
  if (!warn) throw new Error('no warner')
  return warn
}
beforeEach(() => {
  time = 1_700_000_000_000
  lines = []
})

describe('what is warned about', () => {
  test.each(codes.filter((code) => OWN.includes(code)))('%s: cause and fix in one line', (code) => {
    warner()(new WebhookError(code, 'the thing is gone:\n\tdo this\u001b[2J\u2028instead'))
    expect(lines).toEqual([
      `countersign refuses deliveries (${code}): the thing is gone: do this [2J instead`,
    ])
  })

  test.each(codes.filter((code) => !OWN.includes(code)))(
    '%s never is: a stranger can cause it',
    (code) => {
      warner()(new WebhookError(code))
      expect(lines).toEqual([])
    },
  )

  test.each(codes.filter((code) => !OWN.includes(code) && code !== 'signature_undecided'))(
    '%s is not, even if its cause resembles a refused token',
    (code) => {
      const cause = Object.assign(new Error('a schema says so'), { reason: 'unauthorized' })
      warner()(new WebhookError(code, 'refused', { cause }))
      expect(lines).toEqual([])
    },
  )

  test.each(['7f', '80', '85', '9b', '9f'])(
    'the control character U+00%s is not printed',
    (hex) => {
      const text = `gone${String.fromCharCode(Number.parseInt(hex, 16))}31m`
      warner()(new WebhookError('body_unavailable', text))
      expect(lines).toEqual(['countersign refuses deliveries (body_unavailable): gone 31m'])
    },
  )

  test('a delivery that its sender cut short is not', () => {
    warner()(bodyBrokenOff(new Error('aborted')))
    expect(lines).toEqual([])
  })

  test('what another observer has been called with is not', () => {
    warner()(new WebhookError('store_unavailable', 'down', { quiet: true }))
    expect(lines).toEqual([])
  })
})

describe('once per cause and minute', () => {
  const gone = new WebhookError('body_unavailable', 'a parser ran first')

  test('the first at once, the next after a minute', () => {
    const warn = warner()
    for (const seconds of [0, 0.001, 30, 59.999, 60, 60.001, 119.999, 120]) {
      time = 1_700_000_000_000 + seconds * 1000
      warn(gone)
    }
    expect(lines).toHaveLength(3)
  })

  test('each cause for itself', () => {
    const warn = warner()
    const refused = Object.assign(new Error('401'), { reason: 'unauthorized' })
    const causes = [
      new WebhookError('secret_unavailable', 'the function returned nothing'),
      new WebhookError('secret_unavailable', 'unreachable', { cause: new Error('down') }),
      new WebhookError('secret_unavailable', 'token refused', { cause: refused }),
      new WebhookError('store_unavailable', 'store'),
      gone,
    ]
    for (const error of [...causes, ...causes]) warn(error)
    expect(lines).toHaveLength(causes.length)
  })

  test('errors of the application with ever new texts and reasons are one cause', () => {
    const warn = warner()
    for (let index = 0; index < 100; index++) {
      const cause = Object.assign(new Error(`tenant ${index}`), { reason: `tenant ${index}` })
      warn(new WebhookError('secret_unavailable', `failed ${index}`, { cause }))
    }
    expect(lines).toHaveLength(1)
  })

  test('each receiver for itself', () => {
    warner()(gone)
    warner()(gone)
    expect(lines).toHaveLength(2)
  })

  test('a clock that is set back does not silence it, and one that is broken does not flood', () => {
    const warn = warner()
    warn(gone)
    time -= 3_600_000
    warn(gone)
    expect(lines).toHaveLength(2)
    time = Number.NaN
    for (let times = 0; times < 10; times++) warn(gone)
    expect(lines).toHaveLength(2)
  })
})

describe('the option', () => {
  const printed = jest.spyOn(console, 'warn').mockImplementation(() => undefined)
  afterEach(() => {
    printed.mockClear()
  })
  const gone = new WebhookError('body_unavailable', 'a parser ran first')

  test.each([undefined, true])('%p prints through console.warn', (warn) => {
    createWarner(warn, now)?.(gone)
    expect(printed.mock.calls).toEqual([
      ['countersign refuses deliveries (body_unavailable): a parser ran first'],
    ])
  })

  test('false is silence', () => {
    expect(createWarner(false, now)).toBeUndefined()
  })

  test('false is silence for a line of another place, too', () => {
    print(false, 'a line')
    expect(printed).not.toHaveBeenCalled()
  })
})

describe('receivers that are made for one delivery each', () => {
  const printed = jest.spyOn(console, 'warn').mockImplementation(() => undefined)
  // The memory is shared, so each case has a time of its own.
  let hours = 0
  beforeEach(() => {
    hours += 1
    time += hours * 3_600_000
    printed.mockClear()
  })
  const say = (warn: Parameters<typeof sharedWarn>[0], text: string): void => {
    const option = sharedWarn(warn, now)
    if (typeof option !== 'function') throw new Error('no function')
    option(text)
  }

  test('false and what is no option stay what they are', () => {
    for (const warn of [false, 'yes', null]) expect(sharedWarn(warn as false, now)).toBe(warn)
  })

  test('a line is printed once for all of them, with undefined as with true', () => {
    for (const warn of [true, undefined, true, undefined]) say(warn, 'gone')
    expect(printed.mock.calls).toEqual([['gone']])
    for (const warn of [undefined, true]) say(warn, 'down')
    expect(printed.mock.calls).toEqual([['gone'], ['down']])
  })

  test('a console that was replaced has not printed anything yet', () => {
    say(undefined, 'gone')
    const other = jest.fn()
    const before = console.warn
    console.warn = other
    try {
      for (let times = 0; times < 3; times++) say(undefined, 'gone')
    } finally {
      console.warn = before
    }
    expect(other.mock.calls).toEqual([['gone']])
  })

  test('a function that is written inline counts as one, another function for itself', () => {
    for (let times = 0; times < 3; times++) {
      say((text) => void lines.push(text), 'gone')
      say((text) => void lines.push(`other: ${text}`), 'gone')
      say(undefined, 'gone')
    }
    expect(lines).toEqual(['gone', 'other: gone'])
    expect(printed.mock.calls).toEqual([['gone']])
  })

  test('again after a minute, and if the clock was set back by one', () => {
    const start = time
    const printedAt: number[] = []
    for (const seconds of [0, 30, 59.999, 60, 119.999, 120, 60.001, 60, 60.001]) {
      time = start + seconds * 1000
      say(() => void printedAt.push(seconds), 'gone')
    }
    expect(printedAt).toEqual([0, 60, 120, 60])
  })

  test('the clock is that of the machine unless there is another one', () => {
    const clock = jest.spyOn(Date, 'now').mockImplementation(now)
    try {
      for (const seconds of [0, 59, 1]) {
        time += seconds * 1000
        const option = sharedWarn((text) => void lines.push(`${text} now`))
        if (typeof option === 'function') option('gone')
      }
      expect(lines).toEqual(['gone now', 'gone now'])
    } finally {
      clock.mockRestore()
    }
  })

  test('remembers 100 lines, and forgets them all with the next one', () => {
    const sayOnce = (index: number): void => say((text) => void lines.push(`- ${text}`), `${index}`)
    for (let index = 0; index < 100; index++) sayOnce(index)
    for (let index = 0; index < 100; index++) sayOnce(index)
    expect(lines).toHaveLength(100)
    for (const index of [100, 100, 0, 0]) sayOnce(index)
    expect(lines.slice(100)).toEqual(['- 100', '- 0'])
  })
})
