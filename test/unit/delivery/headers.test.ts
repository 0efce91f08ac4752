import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isWebhookError } from '../../../src/base/errors.js'
import { parseHeaderNames, parseHeaders } from '../../../src/delivery/headers.js'
import type { HeadersInput } from '../../../src/delivery/types.js'
import { expectLinear } from '../../support/growth.js'
import { codeOf, DEFAULT, GOOD, inAnyCase } from '../../support/three-headers.js'
import { type HeaderShape, headerShapes } from '../../vectors/delivery.js'

describe('parseHeaderNames', () => {
  const webhook = ['webhook-id', 'webhook-timestamp', 'webhook-signature']
  const svix = ['svix-id', 'svix-timestamp', 'svix-signature']
  test('webhook, then svix, by default', () => {
    expect(parseHeaderNames(undefined)).toEqual([webhook, svix])
    expect(parseHeaderNames('webhook')).toEqual([webhook])
    expect(parseHeaderNames('svix')).toEqual([svix])
  })
  test('three names of any case', () => {
    expect(parseHeaderNames(['X-Id', 'X-TIME', 'x-sign'])).toEqual([['x-id', 'x-time', 'x-sign']])
  })
})

describe('what a refusal says', () => {
  const { 'webhook-signature': _, ...unsigned } = GOOD
  test.each<[object, string]>([
    [{}, 'webhook-id, webhook-timestamp, webhook-signature are missing'],
    [{ 'svix-id': 'msg_1' }, 'svix-timestamp, svix-signature are missing'],
    [{ 'svix-id': 'msg_1', 'webhook-id': 'msg_1' }, 'webhook-timestamp, webhook-signature are'],
    [unsigned, 'webhook-signature is missing: is the request from the sender, and do proxies'],
    [{ ...GOOD, 'webhook-id': ['a', 'b'] }, 'webhook-id is there twice with different values'],
    [
      { ...GOOD, 'webhook-timestamp': '1700000000, 1700000001' },
      'webhook-timestamp is there twice with different values',
    ],
    [{ ...GOOD, 'webhook-signature': 7 }, 'webhook-signature must be text, not number'],
    [{ ...GOOD, 'webhook-id': 'a b' }, 'webhook-id must be 1 to 256 visible ASCII characters'],
  ])('%j: %s', (headers, message) => {
    expect(() => parseHeaders(headers as HeadersInput, DEFAULT)).toThrow(message)
  })

  test.each([
    'stripe',
    null,
    '',
    ['a', 'b'],
    ['a', 'b', 'c', 'd'],
    ['a', 'b', ''],
    ['a', 'b', 7],
    { length: 3, every: () => true },
  ])('%j names no headers', (option) => {
    expect(() => parseHeaderNames(option as never)).toThrow(TypeError)
    expect(() => parseHeaderNames(option as never)).toThrow(
      "headers must be 'webhook', 'svix' or three names, for example ['x-id',",
    )
  })
})

describe('several lines of one header', () => {
  test('two different ids or timestamps are refused, equal ones are one, in any shape', () => {
    const [id, timestamp] = ['webhook-id', 'webhook-timestamp']
    const value = fc.constantFrom('1700000000', '1700000001')
    const shape = fc.constantFrom<HeaderShape>('arrays', 'Headers', 'get', 'pairs', 'raw')
    const doubled = fc
      .constantFrom(id, timestamp)
      .chain((name) =>
        fc.tuple(fc.constant(name), fc.array(fc.tuple(inAnyCase(name), value), { minLength: 1 })),
      )
    fc.assert(
      fc.property(shape, doubled, (shape, [doubled, lines]) => {
        const others = Object.entries({ ...GOOD, [id]: '1700000000' }).filter(
          ([name]) => name !== doubled,
        )
        const headers = headerShapes[shape]([...others, ...lines])
        const isOne = new Set(lines.map(([, value]) => value)).size === 1
        expect(codeOf(headers)).toBe(isOne ? 'read' : 'header_malformed')
      }),
    )
  })
})

test('a message never repeats what was sent', () => {
  for (const [name, value] of [
    ['webhook-id', 'zebra zebra'],
    ['webhook-timestamp', 'zebra'],
    ['webhook-id', 'zebra, horse'],
  ]) {
    try {
      parseHeaders({ ...GOOD, [String(name)]: value }, DEFAULT)
      throw new Error('was read')
    } catch (error) {
      expect(isWebhookError(error)).toBe(true)
      expect(String(error)).not.toMatch(/zebra|horse/)
    }
  }
})

describe('linear or fail', () => {
  const hostile: Record<string, (size: number) => unknown> = {
    'a long id': (size) => ({ ...GOOD, 'webhook-id': 'a.1'.repeat(size) }),
    'an id of dots and digits': (size) => ({ ...GOOD, 'webhook-id': '.170000000'.repeat(size) }),
    'an id of separators': (size) => ({ ...GOOD, 'webhook-id': ', '.repeat(size) }),
    'an id of spaces': (size) => ({ ...GOOD, 'webhook-id': ' '.repeat(size) }),
    'a long timestamp': (size) => ({ ...GOOD, 'webhook-timestamp': '1'.repeat(size) }),
    'a long timestamp, wrong at the end': (size) => ({
      ...GOOD,
      'webhook-timestamp': `${'1'.repeat(size)}x`,
    }),
    'a timestamp of zeros': (size) => ({ ...GOOD, 'webhook-timestamp': '0'.repeat(size) }),
    'equal ids': (size) => ({ ...GOOD, 'webhook-id': Array(size).fill('msg_1') }),
    'signature lines': (size) => ({ ...GOOD, 'webhook-signature': Array(size).fill('v1,abc') }),
    'one long name': (size) => ({ ...GOOD, ['X'.repeat(size)]: 'x' }),
  }
  test.each(Object.entries(hostile))('%s', async (_, make) => {
    const made = new Map<number, unknown>()
    await expectLinear((size) => {
      if (!made.has(size)) made.set(size, make(size))
      codeOf(made.get(size))
    }, 500)
  })

  // Counted, not timed: what so many objects cost depends on the machine.
  const lines = Array.from({ length: 1000 }, (_, index) => [
    index % 2 ? 'webhook-signature' : `x-${index}`,
    'v1,abc',
  ])
  test.each<[string, object]>([
    ['a record of other headers', Object.fromEntries(lines)],
    ['pairs', lines],
    ['rawHeaders', lines.flat()],
  ])('each line is looked at a few times at most: %s', (_, headers) => {
    let looks = 0
    const counting = new Proxy(headers, {
      get(target, key, receiver) {
        looks++
        return Reflect.get(target, key, receiver)
      },
    })
    codeOf(counting)
    expect(looks).toBeLessThan(10 * lines.length)
  })
})
