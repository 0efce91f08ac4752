import { afterEach, describe, expect, test } from '@jest/globals'
import { headline, printResult } from '../../../../src/cli/probing/card.js'
import { judge, play, sendProbe } from '../../../../src/cli/probing/play.js'
import type { ProbeCase, ProbeResult } from '../../../../src/cli/probing/probe-case.js'
import { type Listening, listening } from '../../../support/listening-server.js'
import { testTerminal } from '../../../support/test-terminal.js'

const probed = (changes: Partial<ProbeCase> = {}): ProbeCase => ({
  name: 'a-case',
  expected: 'refused',
  severity: 'lenient',
  means: 'It means this. Really.',
  fix: 'Do that.',
  make: async () => undefined,
  ...changes,
})
const answered = (status: number, code?: string) => ({
  duration: 0,
  answer: {
    status,
    statusText: '',
    headers: [],
    body: Buffer.from(code ? JSON.stringify({ code }) : ''),
  },
})
const unanswered = (kind: 'timeout' | 'connection', status?: number) => ({
  duration: 0,
  failure: { kind, text: 'no answer', status },
})

describe('the verdict on an answer', () => {
  test.each([
    ['accepted', 200, undefined, 'accepted', 'right'],
    ['accepted', 299, undefined, 'accepted', 'right'],
    ['accepted', 300, undefined, 'misplaced', 'fault'],
    ['accepted', 399, undefined, 'misplaced', 'fault'],
    ['accepted', 401, undefined, 'refused', 'fault'],
    ['accepted', 404, undefined, 'misplaced', 'fault'],
    ['accepted', 405, undefined, 'misplaced', 'fault'],
    ['accepted', 410, undefined, 'misplaced', 'fault'],
    ['accepted', 100, undefined, 'silent', 'fault'],
    ['refused', 400, undefined, 'refused', 'right'],
    ['refused', 499, undefined, 'refused', 'right'],
    ['refused', 500, undefined, 'failed', 'fault'],
    ['refused', 502, undefined, 'failed', 'fault'],
    ['refused', 503, undefined, 'deferred', 'fault'],
    ['refused', 503, 'signature_undecided', 'refused', 'right'],
    ['refused', 503, 'secret_unavailable', 'refused', 'right'],
    ['refused', 503, 'store_unavailable', 'deferred', 'fault'],
    ['refused', 204, undefined, 'accepted', 'lenient'],
    ['handled', 204, undefined, 'accepted', 'right'],
    ['handled', 400, undefined, 'refused', 'right'],
    ['handled', 500, undefined, 'failed', 'fault'],
    ['repeated', 204, undefined, 'accepted', 'right'],
    ['repeated', 503, 'delivery_in_progress', 'deferred', 'right'],
    ['repeated', 409, undefined, 'refused', 'right'],
    ['repeated', 400, undefined, 'refused', 'fault'],
  ] as const)('where it should be %s: %p %p is %s, %s', (expected, status, code, got, verdict) => {
    const result = judge(probed({ expected }), answered(status, code))
    expect(result).toMatchObject({ got, verdict, status, code })
    expect(result.fix === undefined).toBe(verdict === 'right')
    expect(result).not.toHaveProperty('failure')
  })

  test('where another answer is a fault, accepting is one', () => {
    expect(judge(probed({ severity: 'fault' }), answered(200)).verdict).toBe('fault')
  })

  test('after a crash the fix says what senders do', () => {
    expect(judge(probed(), answered(500)).fix).toBe(
      'After a 5xx, senders retry for days: answer a refused delivery with 400 or 401. Do that.',
    )
    expect(judge(probed(), answered(200)).fix).toBe('Do that.')
  })

  test('no answer is silence, unless the case may be closed', () => {
    const silent = judge(probed(), unanswered('connection'))
    expect(silent).toMatchObject({ got: 'silent', verdict: 'fault', failure: 'no answer' })
    const mayClose = probed({ mayClose: true })
    expect(judge(mayClose, unanswered('connection'))).toMatchObject({
      got: 'refused',
      verdict: 'right',
    })
    expect(judge(mayClose, unanswered('timeout')).verdict).toBe('fault')
    // The status came before the connection broke.
    expect(judge(probed(), unanswered('connection', 413))).toMatchObject({
      got: 'refused',
      status: 413,
      verdict: 'right',
    })
    expect(judge(mayClose, unanswered('connection', 200)).got).toBe('accepted')
  })
})

describe('a probe', () => {
  let server: Listening | undefined
  afterEach(async () => {
    await server?.close()
    server = undefined
  })

  test('is a POST with its lines, and is judged by its last answer', async () => {
    const seen: unknown[] = []
    server = await listening((request, response) => {
      const { host, 'user-agent': agent, 'content-length': length } = request.headers
      const { method, headers } = request
      seen.push([method, host, agent, length, headers['transfer-encoding'], headers.a])
      response.writeHead(seen.length === 2 ? 401 : 200).end()
      request.resume()
    })
    const target = { url: new URL(server.url), timeout: 20 }
    const host = `127.0.0.1:${server.port}`
    const body = Buffer.from('{}')
    const requests = ['1', '2'].map((a) => ({ headers: [['a', a]] as const, body }))
    const maker = {} as never
    const both = probed({ make: async () => requests })
    expect(await play(both, maker, target)).toMatchObject({ status: 401, verdict: 'right' })
    expect(seen).toEqual([
      ['POST', host, 'countersign-probe', '2', undefined, '1'],
      ['POST', host, 'countersign-probe', '2', undefined, '2'],
    ])
    await sendProbe({ headers: [['transfer-encoding', 'chunked']], body }, target)
    expect(seen[2]).toEqual(['POST', host, 'countersign-probe', undefined, 'chunked', undefined])
    expect(await play(probed(), maker, target)).toBeUndefined()
  })
})

const result = (name: string, changes: Partial<ProbeResult> = {}): ProbeResult => ({
  name,
  expected: 'refused',
  got: 'refused',
  status: 401,
  verdict: 'right',
  means: 'It means this.',
  ...changes,
})
const RIGHT = [
  result('authentic', { expected: 'accepted', got: 'accepted', status: 204 }),
  result('authentic-unusual-json', { expected: 'accepted', got: 'accepted', status: 204 }),
  ...['wrong-key', 'tampered-body', 'no-headers', 'empty-signature', 'empty-key'].map((name) =>
    result(name),
  ),
  ...['tampered-space', 'stale', 'long-id', 'gzip'].map((name) => result(name)),
]

describe('the headline', () => {
  /** The card of an endpoint that answers these cases in another way. */
  function of(changes: Record<string, Partial<ProbeResult>>): string {
    return headline(RIGHT.map((each) => ({ ...each, ...changes[each.name] })))
  }
  const accepted = { got: 'accepted', status: 200, verdict: 'fault' } as const
  const lenient = { ...accepted, verdict: 'lenient' } as const

  test.each<[RegExp, Record<string, Partial<ProbeResult>>]>([
    [/^Every answer was right\.$/, {}],
    [/does not verify signatures/, { 'wrong-key': accepted, authentic: { got: 'refused' } }],
    [/can be fooled/, { 'tampered-body': accepted }],
    [/can be fooled/, { 'no-headers': accepted }],
    [/can be fooled/, { 'empty-signature': accepted, stale: accepted }],
    [
      /does not accept authentic deliveries \(it answered 401 signature_mismatch\)/,
      { authentic: { got: 'refused', status: 401, code: 'signature_mismatch' } },
    ],
    [/no webhook route .*it answered 404/, { authentic: { got: 'misplaced', status: 404 } }],
    [/^it hangs$/, { authentic: { got: 'silent', failure: 'it hangs' } }],
    [/verifies with an empty key/, { 'empty-key': accepted, stale: accepted }],
    [/parsed and serialised again/, { 'authentic-unusual-json': { got: 'refused' } }],
    [/parsed and serialised again/, { 'tampered-space': accepted, stale: accepted }],
    [/does not check webhook-timestamp/, { stale: accepted, gzip: lenient }],
    [/^This endpoint verifies, with 1 fault\.$/, { gzip: { verdict: 'fault' } }],
    [
      /^This endpoint verifies, with 2 faults and 1 leniency\.$/,
      { gzip: { verdict: 'fault' }, 'long-id': lenient, authentic: { verdict: 'fault' } },
    ],
    [/more lenient than the standard in 1 way\.$/, { gzip: lenient }],
    [/more lenient than the standard in 2 ways\.$/, { gzip: lenient, 'long-id': lenient }],
    [
      /with 1 fault and 2 leniencies\.$/,
      {
        authentic: { verdict: 'fault' },
        gzip: lenient,
        'long-id': lenient,
      },
    ],
  ])('%p', (expected, changes) => {
    expect(of(changes)).toMatch(expected)
  })
})

describe('a line of the card', () => {
  const terminal = testTerminal()
  test('says what came, what it means and the fix', () => {
    expect(printResult(result('stale'), terminal)).toMatch(
      /^✓ right {4}stale +refused 401\n {13}It means this\.$/,
    )
    const wrong = result('stale', {
      got: 'silent',
      status: undefined,
      verdict: 'lenient',
      failure: 'it hangs',
      fix: 'Do that.',
    })
    expect(printResult(wrong, terminal)).toMatch(
      /^! lenient {2}stale +silent, expected: refused\n +It means this\.\n +it hangs\n +Fix: Do that\.$/,
    )
  })

  test('is green, red or yellow', () => {
    terminal.isColourful = true
    const colours = (['right', 'fault', 'lenient'] as const).map(
      (verdict) => printResult(result('a', { verdict }), terminal).split('m')[0],
    )
    expect(colours).toEqual(['\u001b[32', '\u001b[31', '\u001b[33'])
  })
})
