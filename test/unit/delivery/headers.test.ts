import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isWebhookError } from '../../../src/base/errors.js'
import { isId, parseHeaderNames, parseHeaders, readHeaders } from '../../../src/delivery/headers.js'
import type { HeadersInput } from '../../../src/delivery/types.js'
import { expectLinear } from '../../support/growth.js'
import { type HeaderShape, headerShapes } from '../../vectors/delivery.js'

const DEFAULT = parseHeaderNames(undefined)
const GOOD = {
  'webhook-id': 'msg_1',
  'webhook-timestamp': '1700000000',
  'webhook-signature': 'v1,abc',
}

function codeOf(headers: unknown, names = DEFAULT): string {
  try {
    parseHeaders(headers as HeadersInput, names)
    return 'read'
  } catch (error) {
    if (!isWebhookError(error)) throw error
    return error.code
  }
}

/** Upper and lower case as the dice fall. */
const inAnyCase = (name: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((upper) =>
      [...name].map((char, index) => (upper[index] ? char.toUpperCase() : char)).join(''),
    )

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

describe('shapes', () => {
  test('every container with the same lines reads the same', () => {
    const line = fc.constantFrom(...Object.keys(GOOD), 'svix-id', 'content-type')
    const value = fc.constantFrom('msg_1', '1700000000', 'v1,abc', 'x y', '')
    const lines = fc.uniqueArray(
      fc.tuple(line, value).chain(([name, value]) => fc.tuple(inAnyCase(name), fc.constant(value))),
      { selector: ([name]) => name.toLowerCase() },
    )
    fc.assert(
      fc.property(lines, (lines) => {
        const answers = Object.entries(headerShapes).map(([shape, make]) => {
          const headers = make(lines) as HeadersInput
          return [shape, codeOf(headers), readHeaders(headers, Object.keys(GOOD))]
        })
        for (const [, code, values] of answers) {
          expect([code, values]).toEqual(answers[0]?.slice(1))
        }
      }),
    )
  })

  test.each(Object.keys(headerShapes))('%s: the values come out as they went in', (shape) => {
    const headers = headerShapes[shape as HeaderShape](Object.entries(GOOD)) as HeadersInput
    expect(parseHeaders(headers, DEFAULT)).toEqual({
      id: 'msg_1',
      timestamp: '1700000000',
      signature: 'v1,abc',
    })
  })

  test.each<[string, () => unknown]>([
    [
      'a class with get',
      () =>
        new (class {
          get(name: string): string | undefined {
            return new Map(Object.entries(GOOD)).get(name)
          }
        })(),
    ],
    [
      'get that answers null',
      () => ({
        get: (name: string) => Object.entries(GOOD).find(([other]) => other === name)?.[1] ?? null,
      }),
    ],
    [
      'get that answers lists',
      () => ({
        get: (name: string) =>
          Object.entries(GOOD)
            .filter(([other]) => other === name)
            .map(([, value]) => value),
      }),
    ],
    ['a Map of lists', () => new Map(Object.entries(GOOD).map(([name, value]) => [name, [value]]))],
    ['a Set of pairs', () => new Set(Object.entries(GOOD))],
    [
      'a generator of pairs',
      () =>
        (function* () {
          yield* Object.entries(GOOD)
        })(),
    ],
    [
      'a record with headers named get, append and forEach',
      () => ({ ...GOOD, get: 'x', append: 'y', forEach: 'z' }),
    ],
    ['a record without prototype', () => Object.assign(Object.create(null), GOOD)],
    ['a frozen record', () => Object.freeze({ ...GOOD })],
    [
      'a Headers copy with other methods',
      () => Object.assign(new Headers(GOOD), { toJSON: () => ({}) }),
    ],
  ])('%s is read', (_, make) => {
    expect(codeOf(make())).toBe('read')
  })

  test.each<[string, (lines: [string, string][]) => unknown]>([
    ['the entries of a Map', (lines) => new Map(lines).entries()],
    ['the entries of Headers', (lines) => new Headers(lines).entries()],
    ['an iterator of pairs', (lines) => lines.values()],
  ])('%s can be read once only, and are enough for both sets of names', (_, make) => {
    for (const set of ['webhook', 'svix']) {
      const lines = Object.entries(GOOD).map(([name, value]): [string, string] => [
        name.replace('webhook', set),
        value,
      ])
      expect(codeOf(make(lines))).toBe('read')
    }
  })

  test.each([
    [undefined],
    [null],
    [''],
    ['webhook-id'],
    [0],
    [true],
    [{}],
    [[]],
    [[[]]],
    [[null]],
    [[undefined]],
    [[[null, null]]],
    [['webhook-id']],
    [new Map()],
    [new Headers()],
    [new Date()],
    [new Uint8Array(3)],
    [Symbol('x')],
    [() => 'x'],
    [Promise.resolve(GOOD)],
  ])('%p holds no header', (headers) => {
    expect(codeOf(headers)).toBe('header_missing')
  })

  test('only own entries count', () => {
    expect(codeOf(Object.create(GOOD))).toBe('header_missing')
  })

  test.each([
    [1700000000],
    [true],
    [{}],
    [{ toString: () => '1700000000' }],
    [[1700000000]],
    [[['1700000000']]],
    [[null]],
  ])('a value that is not text is header_malformed: %p', (value) => {
    expect(codeOf({ ...GOOD, 'webhook-timestamp': value })).toBe('header_malformed')
  })

  test('null and undefined and an empty list are no value', () => {
    for (const value of [null, undefined, []]) {
      expect(codeOf({ ...GOOD, 'webhook-id': value })).toBe('header_missing')
    }
  })

  test('anything at all is read or refused, with no other error', () => {
    const pair = fc.tuple(fc.anything(), fc.anything())
    const anything = fc.oneof(
      fc.anything({ withMap: true, withSet: true, withNullPrototype: true, withTypedArray: true }),
      fc.array(pair),
      fc.dictionary(fc.constantFrom(...Object.keys(GOOD)), fc.anything()),
      fc.array(fc.oneof(fc.constantFrom(...Object.keys(GOOD)), fc.string())),
    )
    fc.assert(
      fc.property(anything, (headers) => {
        expect(['read', 'header_missing', 'header_malformed']).toContain(codeOf(headers))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('several lines of one header', () => {
  test('are one value, joined as Node joins them', () => {
    const two = ['v1,a', 'v1,b']
    const expected = ['v1,a, v1,b']
    const name = 'webhook-signature'
    expect(readHeaders({ [name]: two }, [name])).toEqual(expected)
    expect(
      readHeaders(
        [
          [name, 'v1,a'],
          ['Webhook-Signature', 'v1,b'],
        ],
        [name],
      ),
    ).toEqual(expected)
    expect(readHeaders([name, 'v1,a', 'WEBHOOK-SIGNATURE', 'v1,b'], [name])).toEqual(expected)
    expect(readHeaders({ [name]: 'v1,a', 'Webhook-Signature': 'v1,b' }, [name])).toEqual(expected)
    expect(readHeaders(new Map([[name, two]]) as unknown as HeadersInput, [name])).toEqual(expected)
  })

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

describe('isId', () => {
  /** The rule once more, without a regular expression for the dots. */
  function isRight(id: string): boolean {
    const isVisible = [...id].every((char) => char > ' ' && char < '\x7f')
    const looksSigned = id
      .split('.')
      .slice(1)
      .some((part) => part.length >= 9 && part.length <= 12 && part[0] !== '0' && !/\D/.test(part))
    return id.length >= 1 && id.length <= 256 && isVisible && !looksSigned
  }

  test('says what the rule says', () => {
    const id = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.string({ minLength: 250, maxLength: 260 }),
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc
        .array(fc.constantFrom('.', '0', '1700000000', '7', 'a', '123456789', '99999999'), {
          maxLength: 8,
        })
        .map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(id, (id) => expect(isId(id)).toBe(isRight(id))),
      { numRuns: 1000 },
    )
  })

  test('the receiver refuses what the signer refuses', () => {
    const id = fc.oneof(fc.string(), fc.constantFrom('a.1700000000', 'a.1700000000.b', 'a.b', ''))
    fc.assert(
      fc.property(
        id.filter((id) => !id.includes(', ')),
        (id) => {
          const expected = isId(id) ? 'read' : 'header_malformed'
          expect(codeOf({ ...GOOD, 'webhook-id': id })).toBe(expected)
        },
      ),
    )
  })

  // Whatever the id and the timestamp that were signed, there is no other way to cut what was signed.
  test('no signed content can be cut at a second place', () => {
    const part = fc.constantFrom('1700000000', '999999999', 'a', '0', '12', 'msg_1')
    const dotted = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.'))
    fc.assert(
      fc.property(dotted, dotted, (id, body) => {
        fc.pre(isId(id))
        const content = `${id}.1700000000.${body}`
        const cuts = [...content.matchAll(/\./g)].flatMap(({ index }) => {
          const [, timestamp] = /^([^.]*)\./.exec(content.slice(index + 1)) ?? []
          const headers = {
            ...GOOD,
            'webhook-id': content.slice(0, index),
            'webhook-timestamp': timestamp,
          }
          const isRecent = Number(timestamp) > 99_999_999
          return isRecent && codeOf(headers) === 'read' ? [content.slice(0, index)] : []
        })
        expect(cuts).toEqual([id])
      }),
      { numRuns: 1000 },
    )
  })
})

describe('timestamp', () => {
  const spelt = (text: string): string => codeOf({ ...GOOD, 'webhook-timestamp': text })

  test('is decimal digits and nothing else', () => {
    const unit = fc.constantFrom(
      ...'0123456789',
      '+',
      '-',
      '.',
      'e',
      'x',
      ' ',
      '\n',
      '０',
      '٣',
      ',',
    )
    const text = fc.oneof(
      fc.string({ unit, maxLength: 14 }),
      fc.bigInt({ min: 0n, max: 10n ** 40n }).map(String),
      fc.double().map(String),
    )
    fc.assert(
      fc.property(
        text.filter((text) => !text.includes(', ')),
        (text) => {
          const isPlain = [...text].every((char) => char >= '0' && char <= '9') && text !== ''
          const isCanonical = isPlain && String(BigInt(text)) === text
          expect(spelt(text)).toBe(isCanonical && text.length !== 13 ? 'read' : 'header_malformed')
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('13 digits get a hint', () => {
    const headers = { ...GOOD, 'webhook-timestamp': '1700000000000' }
    expect(() => parseHeaders(headers, DEFAULT)).toThrow(/milliseconds/)
  })

  test('comes out as it was written, for the MAC', () => {
    const { timestamp } = parseHeaders({ ...GOOD, 'webhook-timestamp': '9'.repeat(30) }, DEFAULT)
    expect(timestamp).toBe('9'.repeat(30))
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
