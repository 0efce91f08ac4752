import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseHeaders } from '../../../src/delivery/headers.js'
import { readHeaders } from '../../../src/delivery/read-headers.js'
import type { HeadersInput } from '../../../src/delivery/types.js'
import { codeOf, DEFAULT, GOOD, inAnyCase } from '../../support/three-headers.js'
import { type HeaderShape, headerShapes } from '../../vectors/delivery.js'

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
})
