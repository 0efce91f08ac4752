import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { generateSecret } from 'countersign/sign'
import { printCapture } from '../../../src/cli/capture/capture-file.js'
import { progressBar } from '../../../src/cli/sending/progress-bar.js'
import { printSentReport } from '../../../src/cli/sending/sent-report.js'
import { createTally } from '../../../src/cli/sending/tally.js'
import { isRight, variantOf } from '../../../src/cli/sending/variants.js'
import { type Listening, listening } from '../../support/listening-server.js'
import { type TestTerminal, testTerminal } from '../../support/test-terminal.js'

const secret = generateSecret()
let terminal: TestTerminal
let server: Listening | undefined

beforeEach(() => {
  terminal = testTerminal({ COUNTERSIGN_SECRET: secret })
})
afterEach(async () => {
  await server?.close()
  server = undefined
})

const delivered = (time: number, status = 204, code?: string) => ({
  time,
  status,
  code,
  failure: undefined,
})

describe('the tally', () => {
  test('counts what was right, wrong and without an answer, and keeps the first reason', () => {
    const tally = createTally()
    tally.add(delivered(1), true)
    tally.add(delivered(1, 500), false)
    tally.add({ ...delivered(1), failure: 'first' }, false)
    tally.add({ ...delivered(1), failure: 'second' }, false)
    const { sent, right, wrong, failed, failure } = tally
    expect({ sent, right, wrong, failed, failure }).toEqual({
      sent: 4,
      right: 1,
      wrong: 1,
      failed: 2,
      failure: 'first',
    })
  })

  test('lists each answer once, the most frequent one first', () => {
    const tally = createTally()
    tally.add(delivered(1, 401, 'header_missing'), false)
    for (let i = 0; i < 3; i++) tally.add(delivered(1), true)
    for (let i = 0; i < 2; i++) tally.add(delivered(1, 401, 'timestamp_too_old'), false)
    expect(tally.answers()).toEqual([
      { status: 204, count: 3 },
      { status: 401, code: 'timestamp_too_old', count: 2 },
      { status: 401, code: 'header_missing', count: 1 },
    ])
  })

  test('p50 and p99 are times within which so many answers came', () => {
    const tally = createTally()
    expect(tally.percentile(0.5)).toBeUndefined()
    for (let time = 100; time > 0; time--) tally.add(delivered(time), true)
    expect([0, 0.5, 0.99, 1].map(tally.percentile)).toEqual([1, 50, 99, 100])
    tally.add({ ...delivered(9999), failure: 'none' }, false)
    expect(tally.percentile(1)).toBe(100)
  })
})

test('the report has p50 and p99 in milliseconds, to a tenth below ten', () => {
  const tally = createTally()
  for (let time = 1; time <= 100; time++) tally.add(delivered(time + 0.25), true)
  const report = { tally, last: undefined, variant: variantOf('signed'), isMany: true }
  printSentReport({ ...report, isJson: false }, terminal)
  expect(terminal.printed.at(-1)).toBe('  p50 50 ms, p99 99 ms')
  printSentReport({ ...report, isJson: true }, terminal)
  expect(JSON.parse(terminal.printed.at(-1) ?? '')).toMatchObject({ p50: 50.25, p99: 99.25 })
  const quick = createTally()
  quick.add(delivered(1.26), true)
  printSentReport({ ...report, tally: quick, isJson: false }, terminal)
  expect(terminal.printed.at(-1)).toBe('  p50 1.3 ms, p99 1.3 ms')
})

describe('the progress bar', () => {
  afterEach(() => {
    jest.restoreAllMocks()
  })

  test('is drawn at most ten times a second, and cleared at the end', () => {
    let now = 1000
    jest.spyOn(performance, 'now').mockImplementation(() => now)
    const drawn: string[] = []
    terminal.progress = (text) => drawn.push(text)
    const show = progressBar(terminal, 4)
    show(1)
    now += 99
    show(2)
    now += 1
    show(3)
    show(4)
    expect(drawn).toEqual([
      `${'█'.repeat(7)}${'░'.repeat(23)} 1 of 4`,
      `${'█'.repeat(22)}${'░'.repeat(8)} 3 of 4`,
      '',
    ])
  })

  test('is not drawn for one delivery, nor where there is no terminal', () => {
    const drawn: string[] = []
    progressBar(terminal, 4)(1)
    terminal.progress = (text) => drawn.push(text)
    progressBar(terminal, 1)(1)
    expect(drawn).toEqual([])
  })
})

describe('the answer that a variant should get', () => {
  test.each([
    ['signed', 200, undefined, true],
    ['signed', 299, undefined, true],
    ['signed', 199, undefined, false],
    ['signed', 300, undefined, false],
    ['rotated', 401, 'signature_mismatch', false],
    ['stale', 401, 'timestamp_too_old', true],
    ['stale', 401, 'timestamp_too_new', false],
    ['stale', 200, undefined, false],
    ['future', 401, 'timestamp_too_new', true],
    ['tampered', 503, 'signature_undecided', true],
    ['tampered', 401, 'signature_mismatch', true],
    ['tampered', 200, 'signature_mismatch', false],
    ['wrong-key', 400, undefined, true],
    ['wrong-key', 422, undefined, true],
    ['wrong-key', 404, undefined, false],
    ['wrong-key', 500, undefined, false],
  ])('%s: %p %p', (name, status, code, right) => {
    expect(isRight(variantOf(name), status, code)).toBe(right)
  })
})

describe('send', () => {
  interface Received {
    readonly headers: Record<string, string | string[] | undefined>
    readonly body: string
    readonly port: number | undefined
  }
  /** A receiver that keeps what came, and answers with this status. */
  async function receive(status = 204, code?: string): Promise<Received[]> {
    const received: Received[] = []
    server = await listening((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        received.push({ headers: request.headers, body, port: request.socket.remotePort })
        response.writeHead(status).end(code && JSON.stringify({ code }))
      })
    })
    return received
  }
  const send = (...args: string[]): Promise<number> =>
    terminal.run('send', server?.url ?? '', ...args)

  test('names the host with its port, the length, and who sends', async () => {
    const received = await receive()
    terminal.files = { b: 'gr\u00fcn' }
    expect(await send('--body', 'b')).toBe(0)
    expect(received[0]?.headers).toMatchObject({
      host: `127.0.0.1:${server?.port}`,
      'user-agent': 'countersign',
      'content-length': '5',
    })
    expect(received[0]?.body).toBe('gr\u00fcn')
  })

  test('sends a small event of the type test.event if nothing else is given', async () => {
    const received = await receive()
    await send()
    const event = JSON.parse(received[0]?.body ?? '')
    expect(event).toEqual({ type: 'test.event', timestamp: expect.any(String), data: {} })
    expect(new Date(event.timestamp).toISOString()).toBe(event.timestamp)
  })

  test('takes the body of the longest delivery that receivers accept', async () => {
    const received = await receive()
    terminal.files = { b: Buffer.alloc(1_048_576, 'a') }
    expect(await send('--body', 'b')).toBe(0)
    expect(received[0]?.body).toHaveLength(1_048_576)
  })

  test.each(['webhook-id', 'SVIX-ID'])(
    'takes the id of a capture (%s), unless another is given',
    async (name) => {
      const received = await receive()
      const capture = { method: 'POST', url: '/', headers: [[name, 'msg_8']] as const }
      terminal.files = { c: printCapture({ ...capture, body: Buffer.from('{}') }) }
      await send('--delivery', 'c')
      await send('--delivery', 'c', '--id', 'msg_9')
      expect(received.map(({ headers }) => headers['webhook-id'])).toEqual(['msg_8', 'msg_9'])
    },
  )

  test('many are sent ten at a time by default, over as many connections', async () => {
    let now = 0
    let most = 0
    const waiting: (() => void)[] = []
    server = await listening((_, response) => {
      most = Math.max(most, ++now)
      waiting.push(() => {
        now--
        response.end()
      })
      // All of them wait until ten are here, or the rest of them.
      if (waiting.length % 10 === 0) for (const answer of waiting.splice(0)) answer()
    })
    expect(await send('--count', '20')).toBe(0)
    expect(most).toBe(10)
    expect(terminal.printed[0]).toMatch(/^20 sent /)
  })

  test('few are sent one after another, over one connection', async () => {
    const received = await receive()
    expect(await send('--count', '10')).toBe(0)
    expect(received).toHaveLength(10)
    expect(new Set(received.map(({ port }) => port)).size).toBe(1)
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(10)
  })

  test('--json: the summary of many', async () => {
    await receive(401, 'header_missing')
    expect(await send('--count', '3', '--json')).toBe(1)
    expect(JSON.parse(terminal.printed[0] ?? '')).toEqual({
      ok: false,
      variant: 'signed',
      sent: 3,
      right: 0,
      wrong: 3,
      failed: 0,
      answers: [{ status: 401, code: 'header_missing', count: 3 }],
      p50: expect.any(Number),
      p99: expect.any(Number),
    })
  })

  test('--json: one delivery has its status, and the time in milliseconds', async () => {
    server = await listening((_, response) => setTimeout(() => response.end(), 20))
    expect(await send('--json')).toBe(0)
    const { p50, ...summary } = JSON.parse(terminal.printed[0] ?? '')
    expect(summary).toMatchObject({ ok: true, sent: 1, status: 200 })
    expect(p50).toBeGreaterThan(15)
    expect(summary.p99).toBe(p50)
  })

  test('--json: without an answer it is not ok, and the reason is there', async () => {
    server = await listening((request) => request.socket.destroy())
    expect(await send('--json')).toBe(2)
    const summary = JSON.parse(terminal.printed[0] ?? '')
    expect(summary).toMatchObject({ ok: false, failed: 1, answers: [], p50: null, p99: null })
    expect(summary.failure).toContain('closed the connection')
    expect(summary).not.toHaveProperty('status')
    expect(terminal.errors).toEqual([])
  })

  test('the line of one says what was expected, with its code', async () => {
    await receive(401, 'timestamp_too_old')
    expect(await send('--variant', 'stale')).toBe(0)
    expect(terminal.printed[0]).toMatch(
      /^right {2}401 timestamp_too_old {2}in \d+(\.\d)? ms {2}\(stale: signed 10 minutes ago, to be refused as timestamp_too_old\)$/,
    )
    expect(await send('--variant', 'duplicated')).toBe(1)
    expect(terminal.printed[1]).toMatch(/^2 sent \(duplicated: .*0 right, 2 wrong, 0 without/)
    expect(terminal.printed[2]).toMatch(/ 2 × 401 timestamp_too_old$/)
  })

  test('colours: green for right, red for wrong and for no answer', async () => {
    terminal.isColourful = true
    const [green, red] = ['\u001b[32m', '\u001b[31m']
    await receive(204)
    await send()
    await send('--count', '2')
    expect(terminal.printed[0]).toContain(`${green}right`)
    expect(terminal.printed[1]).toContain(`${green}2 right`)
    await send('--variant', 'stale')
    expect(terminal.printed.at(-1)).toContain(`${red}wrong`)
    await server?.close()
    terminal.printed.length = 0
    await send('--count', '2')
    expect(terminal.printed[0]).toContain(`${red}0 right, 0 wrong, 2 without an answer`)
    expect(terminal.errors[0]).toContain('nothing listens at')
  })

  test.each([300, 301, 308, 399])('%p is a redirect, which no sender follows', async (status) => {
    server = await listening((_, response) => {
      response.writeHead(status, { Location: 'http://localhost/b' }).end()
    })
    expect(await send('--json')).toBe(2)
    const { failure } = JSON.parse(terminal.printed[0] ?? '')
    expect(failure).toMatch(new RegExp(`^it redirects to http://localhost/b \\(${status}\\)`))
  })

  test('rotated has signatures of an earlier key and of the present one', async () => {
    const received = await receive()
    await send('--variant', 'rotated')
    expect(received[0]?.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/)
  })
})
