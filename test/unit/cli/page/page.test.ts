import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import type { ListedDelivery } from '../../../../src/cli/listener/listed-delivery.js'
import {
  captureUrl,
  connect,
  fetchBody,
  fetchDetail,
  type Known,
  merged,
  resend,
} from '../../../../src/cli/page/connection.js'
import { filterDeliveries } from '../../../../src/cli/page/filter-deliveries.js'
import { formatJson } from '../../../../src/cli/page/format-json.js'
import { decodeBody, hexLine, textLines } from '../../../../src/cli/page/lines.js'
import { visibleRows } from '../../../../src/cli/page/window.js'
import * as words from '../../../../src/cli/page/words.js'
import { listed } from '../../../support/listed.js'

const numbers = (deliveries: readonly ListedDelivery[]): number[] =>
  deliveries.map(({ number }) => number)

describe('the list', () => {
  test('shows new deliveries first, and a changed one in its place', () => {
    const before = [3, 2, 1].map((number) => listed({ number }))
    const after = merged(before, [
      listed({ number: 2, status: 500 }),
      listed({ number: 4 }),
      listed({ number: 5 }),
    ])
    expect(numbers(after)).toEqual([5, 4, 3, 2, 1])
    expect(after[3]?.status).toBe(500)
  })

  test('keeps the last 1,000', () => {
    const before = Array.from({ length: 1000 }, (_, i) => listed({ number: 1000 - i }))
    const after = merged(before, [listed({ number: 1001 })])
    expect(after).toHaveLength(1000)
    expect([after[0]?.number, after.at(-1)?.number]).toEqual([1001, 2])
  })

  const all = [
    listed({ number: 1, id: 'msg_One', type: 'invoice.paid' }),
    listed({ number: 2, verdict: 'refused', code: 'signature_mismatch', status: 401, url: '/b' }),
    listed({ number: 3, forwarded: { status: 503, code: 'store_unavailable', duration: 1 } }),
  ]
  test.each([
    ['', 'all', [1, 2, 3]],
    ['  ', 'refused', [2]],
    ['', 'accepted', [1, 3]],
    ['MSG_one', 'all', [1]],
    ['paid invoice', 'all', [1]],
    ['paid 401', 'all', []],
    ['mismatch', 'accepted', []],
    ['401', 'all', [2]],
    ['/b', 'all', [2]],
    ['503 store_', 'all', [3]],
    ['refused', 'all', [2]],
    ['204', 'all', [1, 3]],
  ] as const)('filtered by %p and %s', (text, kind, expected) => {
    expect(numbers(filterDeliveries(all, { text, kind }))).toEqual(expected)
  })

  test('draws the rows in view and a few around them', () => {
    expect(visibleRows({ top: 0, height: 100 }, 10, 1000)).toEqual({ first: 0, end: 18 })
    expect(visibleRows({ top: 505, height: 100 }, 10, 1000)).toEqual({ first: 42, end: 69 })
    expect(visibleRows({ top: 9900, height: 100 }, 10, 1000)).toEqual({ first: 982, end: 1000 })
    // The list has become shorter, and the view is still far below.
    expect(visibleRows({ top: 9900, height: 100 }, 10, 5)).toEqual({ first: 5, end: 5 })
  })
})

describe('the body', () => {
  test.each([
    ['{"a":1,"b":[1,2],"c":{}}', '{\n  "a": 1,\n  "b": [\n    1,\n    2\n  ],\n  "c": {}\n}'],
    ['[]', '[]'],
    [' [ [ ] , { } ] ', '[\n  [],\n  {}\n]'],
    ['{"a":"{[,:]} \\" \\\\"}', '{\n  "a": "{[,:]} \\" \\\\"\n}'],
    ['"text"', '"text"'],
    ['-1.50e+2', '-1.50e+2'],
  ])('formatted, %p', (text, formatted) => {
    expect(formatJson(text)).toBe(formatted)
  })

  test('formatted, keeps numbers, escapes and repeated members as they were sent', () => {
    const text = '{"n":1.0,"n":12345678901234567890,"\\u00e9":"\\/"}'
    expect(formatJson(text)?.replace(/\s/g, '')).toBe(text)
  })

  test.each(['', '{', 'no', '{"a":1,}'])('that is not JSON is not formatted: %p', (text) => {
    expect(formatJson(text)).toBeUndefined()
  })

  test('of brackets alone grows with its length, not with its square', () => {
    const depth = 2000
    const formatted = formatJson('['.repeat(depth) + ']'.repeat(depth)) ?? ''
    expect(formatted.length).toBeLessThan(depth * 150)
    expect(formatted.startsWith('[\n  [\n    [\n')).toBe(true)
  })

  test('as text has lines of the width of the view, and no character is cut in two', () => {
    expect(textLines('abcdef\n\ngh', 3)).toEqual(['abc', 'def', '', 'gh'])
    expect(textLines('ab\u{1f98a}c', 3)).toEqual(['ab', '\u{1f98a}c'])
    expect(textLines('a\tb', 80)).toEqual(['a    b'])
    expect(textLines('\u202ea\u0007', 80).join()).toMatch(/^[ -~]+$/)
  })

  test('in hex has an offset, the bytes, and what of them is ASCII', () => {
    const bytes = Uint8Array.from(
      { length: 20 },
      (_, i) => [0x20, 0x7e, 0x1f, 0x7f, 0xff][i % 5] ?? 0,
    )
    expect(hexLine(bytes, 0, 16)).toBe(
      '000000  20 7e 1f 7f ff 20 7e 1f 7f ff 20 7e 1f 7f ff 20   ~... ~... ~... ',
    )
    expect(hexLine(bytes, 1, 16)).toBe(`000010  7e 1f 7f ff${' '.repeat(36)}  ~...`)
    expect(hexLine(bytes, 2, 8)).toBe(`000010  7e 1f 7f ff${' '.repeat(12)}  ~...`)
  })

  test('is text only if its bytes are UTF-8 without NUL', () => {
    expect(decodeBody(Buffer.from('\ufeffgr\u00fcn'))).toBe('\ufeffgr\u00fcn')
    expect(decodeBody(Uint8Array.of(0x61, 0))).toBeUndefined()
    expect(decodeBody(Uint8Array.of(0xff))).toBeUndefined()
    expect(decodeBody(new Uint8Array())).toBe('')
  })
})

describe('the words', () => {
  test("a stranger's text is one line without anything invisible, and cut if it is long", () => {
    expect(words.shown(undefined, 'no id')).toBe('no id')
    expect(words.shown('', 'no id')).toBe('no id')
    expect(words.shown('a\u202eb\n', 'no id')).toBe('a\\u202eb\\u000a')
    expect(words.shown('a'.repeat(2000), '')).toBe('a'.repeat(2000))
    expect(words.shown('a'.repeat(2001), '')).toBe(`${'a'.repeat(2000)}\u2026`)
  })

  test('a header value is read as UTF-8 if it is', () => {
    expect(words.headerText('gr\xc3\xbcn')).toBe('gr\u00fcn')
    expect(words.headerText('gr\xfcn')).toBe('gr\u00fcn')
    expect(words.headerText('\xe2\x80\xae')).toBe('\\u202e')
  })

  test.each([
    [-5, 'now'],
    [1.4, 'now'],
    [1.5, '2 s ago'],
    [119, '119 s ago'],
    [120, '2 min ago'],
    [7199, '120 min ago'],
    [7200, '2 h ago'],
    [90_000, '25 h ago'],
  ])('%p seconds are %p', (seconds, text) => {
    const now = Date.parse('2026-01-01T00:00:00Z')
    expect(words.ageText('2026-01-01T00:00:00.000Z', now + seconds * 1000)).toBe(text)
  })

  test('the verdict has a mark and its code', () => {
    expect(words.verdictText(listed())).toBe('\u2713 Accepted')
    const refused = listed({ verdict: 'refused', code: 'header_missing' })
    expect(words.verdictText(refused)).toBe('\u2717 Refused: header_missing')
    expect(words.verdictText(listed({ verdict: 'refused' }))).toBe('\u2717 Refused: unknown')
  })

  test('the sentence says what was found, and warns of an application that accepts what does not verify', () => {
    expect(words.sentence(listed({ keyId: 'abcd' }))).toBe(
      'Authentic and fresh, signed with key abcd.',
    )
    const refused = listed({
      verdict: 'refused',
      status: 401,
      detail: 'no signature fits: diagnose({ ...error.delivery, secret }) says why',
    })
    expect(words.sentence(refused)).toBe('No signature fits.')
    expect(words.sentence({ ...refused, detail: 'webhook-id is missing' })).toBe(
      'webhook-id is missing.',
    )
    expect(words.sentence({ ...refused, detail: undefined })).toBe('It does not verify.')
    const warning = /The application accepted it although it does not verify here\.$/
    const forwarded = (status: number) => ({ ...refused, forwarded: { status, duration: 1 } })
    expect(words.sentence(forwarded(299))).toMatch(warning)
    expect(words.sentence(forwarded(300))).not.toMatch(warning)
    expect(words.sentence({ ...refused, forwarded: { duration: 1 } })).not.toMatch(warning)
    expect(words.sentence(listed({ forwarded: { status: 200, duration: 1 } }))).not.toMatch(warning)
    expect(words.sentence(listed({ status: 0 }))).toMatch(/has not answered yet\.$/)
  })

  test('the answer of the application', () => {
    expect(words.forwardText(undefined)).toBe('not forwarded')
    expect(words.forwardText({ failure: 'x', duration: 1 })).toBe('no answer')
    expect(words.forwardText({ status: 204, duration: 1.4 })).toBe('204 in 1 ms')
    expect(words.forwardText({ status: 401, code: 'header_missing', duration: 1.6 })).toBe(
      '401 header_missing in 2 ms',
    )
  })

  test.each([
    [undefined, 'unknown'],
    [0.4, 'as it arrived'],
    [-0.4, 'as it arrived'],
    [5, '5 s before it arrived'],
    [-5, '5 s after it arrived'],
  ])('signed at an age of %p: %p', (age, text) => {
    expect(words.signedText(age)).toBe(text)
  })

  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1024 * 1023, '1023.0 KiB'],
    [1_048_576, '1.0 MiB'],
  ])('%p bytes are %p', (bytes, text) => {
    expect(words.sizeText(bytes)).toBe(text)
  })
})

describe('the connection to the listener', () => {
  /** The browser's own, as far as the page uses it. */
  class Source {
    static readonly CLOSED = 2
    static all: Source[] = []
    readyState = 1
    isClosed = false
    started?: () => void
    onopen?: () => void
    onerror?: () => void
    onmessage?: (event: { data: string; lastEventId: string }) => void
    constructor(readonly url: string) {
      Source.all.push(this)
    }
    addEventListener(name: string, listener: () => void): void {
      if (name === 'start') this.started = listener
    }
    close(): void {
      this.isClosed = true
    }
  }
  const place = globalThis as { EventSource?: unknown }

  beforeEach(() => {
    Source.all = []
    place.EventSource = Source
    jest.useFakeTimers()
  })
  afterEach(() => {
    jest.useRealTimers()
    jest.restoreAllMocks()
    delete place.EventSource
  })

  test('shows what came, and whether it stands', () => {
    const seen: Known[] = []
    const stop = connect((known) => seen.push(known))
    const [source] = Source.all
    expect(source?.url).toBe('/_countersign/events')
    source?.onopen?.()
    expect(seen.at(-1)).toEqual({ deliveries: [], isConnected: true })
    source?.onmessage?.({ data: JSON.stringify([listed()]), lastEventId: 'a-1' })
    source?.onmessage?.({ data: JSON.stringify([listed({ number: 2 })]), lastEventId: 'a-2' })
    expect(numbers(seen.at(-1)?.deliveries ?? [])).toEqual([2, 1])
    source?.onerror?.()
    expect(seen.at(-1)).toMatchObject({ isConnected: false, deliveries: [{}, {}] })
    // Another run of the program: its numbers begin again.
    source?.started?.()
    expect(seen.at(-1)?.deliveries).toEqual([])
    stop()
    expect(source?.isClosed).toBe(true)
  })

  test('that the browser gave up is opened again, from what was seen last', () => {
    connect(() => {})
    const [source] = Source.all
    source?.onmessage?.({ data: '[]', lastEventId: 'a-7' })
    source?.onerror?.()
    jest.advanceTimersByTime(60_000)
    // The browser comes back by itself.
    expect(Source.all).toHaveLength(1)
    if (source) source.readyState = Source.CLOSED
    source?.onerror?.()
    jest.advanceTimersByTime(60_000)
    expect(source?.isClosed).toBe(true)
    expect(Source.all.map(({ url }) => url)).toEqual([
      '/_countersign/events',
      '/_countersign/events?after=a-7',
    ])
  })

  test('asks for one delivery, its bytes and another attempt', async () => {
    const asked: string[] = []
    jest.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
      asked.push(`${init?.method} ${url}`)
      return new Response('{"number":7}')
    })
    expect(await fetchDetail(7)).toEqual({ number: 7 })
    expect(Buffer.from(await fetchBody(7)).toString()).toBe('{"number":7}')
    await resend(7, 'replay')
    await resend(7, 'sign')
    const root = '/_countersign/deliveries/7'
    expect(asked).toEqual([
      `GET ${root}`,
      `GET ${root}/body`,
      `POST ${root}/replay`,
      `POST ${root}/sign`,
    ])
    expect(captureUrl(7)).toBe(`${root}/capture`)
  })

  test('says why the listener refuses', async () => {
    jest
      .spyOn(globalThis, 'fetch')
      .mockImplementation(async () => new Response('no longer kept\n', { status: 410 }))
    await expect(fetchDetail(1)).rejects.toThrow(/^no longer kept$/)
  })
})
