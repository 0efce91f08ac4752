import { EventEmitter, once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, request as requestHttp } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { keyIdOf } from 'countersign'
import { generateKeyPair, generateSecret } from 'countersign/sign'
import { fakeAccount, signedRequest, tamperedRequest } from 'countersign/testing'
import { bind } from '../../../../src/cli/listener/bind.js'
import { closed } from '../../../../src/cli/listener/closed.js'
import { createEventStream } from '../../../../src/cli/listener/event-stream.js'
import { createExplainer } from '../../../../src/cli/listener/explainer.js'
import { endToEnd, forward } from '../../../../src/cli/listener/forward.js'
import { createHistory, type Kept } from '../../../../src/cli/listener/history.js'
import type { ListedDelivery } from '../../../../src/cli/listener/listed-delivery.js'
import { pageFile } from '../../../../src/cli/listener/page-file.js'
import { printDelivery } from '../../../../src/cli/listener/print-delivery.js'
import { readBody } from '../../../../src/cli/listener/read-body.js'
import { canSign } from '../../../../src/cli/listener/resend.js'
import { route } from '../../../../src/cli/listener/route.js'
import { captureName, createSave } from '../../../../src/cli/listener/save.js'
import { listenerSecrets } from '../../../../src/cli/listener/secrets.js'
import { createShow } from '../../../../src/cli/listener/show.js'
import { listed } from '../../../support/listed.js'
import { type Listening, listening } from '../../../support/listening-server.js'
import { testTerminal } from '../../../support/test-terminal.js'

let server: Listening | undefined
afterEach(async () => {
  jest.useRealTimers()
  await server?.close()
  server = undefined
})

const kept = (number: number, bytes = 2, changes: Partial<Kept> = {}): Kept => ({
  listed: listed({ number }),
  captured: { method: 'POST', url: '/', headers: [], body: Buffer.alloc(bytes) },
  hasBody: true,
  ...changes,
})

describe('lines that go on to the application', () => {
  test('are all but those of one connection', () => {
    const names = [
      'Host',
      'Connection',
      'Keep-Alive',
      'Proxy-Authenticate',
      'Proxy-Authorization',
      'proxy-connection',
      'TE',
      'Trailer',
      'Transfer-Encoding',
      'Upgrade',
      'Tea',
      'X-Te',
      'Cookie',
    ]
    const lines = names.map((name) => [name, 'x'] as const)
    expect(endToEnd(lines).map(([name]) => name)).toEqual(['Host', 'Tea', 'X-Te', 'Cookie'])
  })

  test('are not those that Connection names, unless a receiver needs them', () => {
    const lines = [
      ['connection', 'close, X-One ,host'],
      ['Connection', 'x-two, content-length, Webhook-Id, svix-id, Content-Type'],
      ['X-One', ''],
      ['X-TWO', ''],
      ['X-Three', ''],
      ['host', ''],
      ['Content-Length', ''],
      ['content-type', ''],
      ['webhook-id', ''],
      ['Svix-Id', ''],
    ] as const
    expect(endToEnd(lines).map(([name]) => name)).toEqual([
      'X-Three',
      'host',
      'Content-Length',
      'content-type',
      'webhook-id',
      'Svix-Id',
    ])
  })
})

test.each([
  ['', '/a?b=1'],
  ['/', '/a?b=1'],
  ['/hooks', '/hooks'],
  ['/?c=2', '/?c=2'],
])('a delivery goes to the path of the target %p, or keeps its own', async (path, expected) => {
  let seen: unknown
  server = await listening((request, response) => {
    seen = request.url
    response.end()
  })
  const url = new URL(server.url + path)
  const captured = { ...kept(1).captured, headers: [['host', 'localhost']] as const }
  await forward({ ...captured, url: '/a?b=1' }, { url, timeout: 20 })
  expect(seen).toBe(expected)
  await forward(
    { ...captured, url: 'http://elsewhere/a' },
    { url: new URL(server.url), timeout: 20 },
  )
  expect(seen).toBe('/')
})

describe('the history', () => {
  const numbers = (all: readonly Kept[]): number[] => all.map(({ listed }) => listed.number)

  test('tells what changed since, in the order of the changes', () => {
    const history = createHistory()
    const [first, second] = [kept(1), kept(2)]
    let calls = 0
    const stop = history.watch(() => calls++)
    history.add(first)
    history.add(second)
    expect(numbers(history.since(0))).toEqual([1, 2])
    expect(numbers(history.since(first.revision ?? 0))).toEqual([2])
    history.changed(first)
    expect(numbers(history.since(0))).toEqual([2, 1])
    expect(history.since(first.revision ?? 0)).toEqual([])
    expect(calls).toBe(3)
    stop()
    history.changed(second)
    expect(calls).toBe(3)
    expect(history.get(2)).toBe(second)
    expect(history.get(3)).toBeUndefined()
  })

  test('drops the oldest bodies first, and keeps the last one however large', () => {
    const history = createHistory(1000, 10)
    const all = [kept(1, 4), kept(2, 6), kept(3, 1), kept(4, 100)]
    for (const each of all.slice(0, 2)) history.add(each)
    expect(all.map(({ hasBody }) => hasBody)).toEqual([true, true, true, true])
    history.add(all[2] as Kept)
    expect(all.map(({ hasBody }) => hasBody)).toEqual([false, true, true, true])
    expect(all[0]?.captured.body).toHaveLength(0)
    history.add(all[3] as Kept)
    expect(all.map(({ hasBody }) => hasBody)).toEqual([false, false, false, true])
  })

  test('does not count a body that was never kept', () => {
    const history = createHistory(1000, 10)
    const large = kept(1, 100, { hasBody: false })
    const small = kept(2, 8)
    for (const each of [large, small, kept(3, 2)]) history.add(each)
    expect(small.hasBody).toBe(true)
  })

  test('goes on dropping bodies after old deliveries are gone', () => {
    const history = createHistory(10, 1000)
    const all = Array.from({ length: 600 }, (_, i) => kept(i + 1, 300))
    for (const each of all) history.add(each)
    expect(all.filter(({ hasBody }) => hasBody)).toHaveLength(3)
    expect(all.slice(-3).every(({ hasBody }) => hasBody)).toBe(true)
  })
})

describe('a body', () => {
  async function send(length: number): Promise<{ length: number; isWhole: boolean } | undefined> {
    let read: { length: number; isWhole: boolean } | undefined
    server = await listening(async (request, response) => {
      const { bytes, isWhole } = await readBody(request)
      read = { length: bytes.length, isWhole }
      response.end()
    })
    await fetch(server.url, { method: 'POST', body: new Uint8Array(length) })
    return read
  }

  test('of 1 MiB is whole', async () => {
    expect(await send(1_048_576)).toEqual({ length: 1_048_576, isWhole: true })
  })
  test('of a byte more is not, and no more of it is held', async () => {
    expect(await send(1_048_577)).toEqual({ length: 1_048_577, isWhole: false })
    await server?.close()
    expect(await send(2_000_000)).toEqual({ length: 1_048_577, isWhole: false })
  })
  test('that breaks off rejects', async () => {
    let failed: Promise<unknown> | undefined
    server = await listening((request) => {
      failed = readBody(request).catch((error) => error)
      socket.resetAndDestroy()
    })
    const socket = connect(server.port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc')
    await once(socket, 'close')
    expect(Object(await failed).message).toMatch(/aborted|hung up/)
  })
})

describe('a capture file', () => {
  const at = new Date('2026-01-31T12:00:00.123Z')

  test('is named by its time, its number and what is harmless of its id', () => {
    expect(captureName(7, 'msg_1-a', at)).toBe('2026-01-31T12-00-00-123Z-000007-msg_1-a.json')
    expect(captureName(7, '../../etc\0/x y', at)).toBe(
      '2026-01-31T12-00-00-123Z-000007-_etc_x_y.json',
    )
    expect(captureName(7, '', at)).toBe('2026-01-31T12-00-00-123Z-000007.json')
    expect(captureName(7, 'a'.repeat(200), at)).toHaveLength(24 + 1 + 6 + 1 + 60 + 5)
  })

  test('is written into a folder that is made, and never over another file', async () => {
    const root = await mkdtemp(join(tmpdir(), 'countersign-save-'))
    const folder = join(root, 'a/b')
    const save = await createSave(folder)
    const captured = { ...kept(1).captured, receivedAt: at }
    await save(1, 'id', captured)
    const [name = ''] = await readdir(folder)
    expect(name).toBe(captureName(1, 'id', at))
    await writeFile(join(folder, name), 'mine')
    await expect(save(1, 'id', captured)).rejects.toMatchObject({ code: 'EEXIST' })
    expect(await readFile(join(folder, name), 'utf8')).toBe('mine')
    await expect(createSave(join(folder, name))).rejects.toThrow(/^--save cannot use /)
    await rm(root, { recursive: true })
  })
})

describe('the secrets of the listener', () => {
  test('are those of the variable, shown by their fingerprints', async () => {
    const [one, two] = [generateSecret(), generateSecret()]
    const terminal = testTerminal({ COUNTERSIGN_SECRET: `${one} ${two}` })
    const { lines, current } = await listenerSecrets(terminal, () => {})
    const ids = await Promise.all([one, two].map(keyIdOf))
    expect(lines).toEqual([`Key         ${ids.join(', ')} (COUNTERSIGN_SECRET)`])
    expect(await current()).toEqual([one, two])
  })

  test('of the account are asked for at most every ten seconds', async () => {
    const account = await fakeAccount()
    const terminal = testTerminal({
      COUNTERSIGN_ACCOUNT_TOKEN: account.token,
      COUNTERSIGN_ACCOUNT_URL: account.baseUrl,
    })
    const secrets = await listenerSecrets(terminal, () => {})
    const first = account.secret
    expect(secrets.lines.join()).not.toContain(first)
    expect(secrets.lines.join()).toContain(await keyIdOf(first))
    expect(await secrets.current()).toEqual([first])
    account.rotate()
    const begun = Date.now()
    const clock = jest.spyOn(Date, 'now')
    clock.mockReturnValue(begun + 9000)
    expect(await secrets.current()).toEqual([first])
    clock.mockReturnValue(begun + 60_000)
    expect(await secrets.current()).toEqual([account.secret])
    clock.mockRestore()
    secrets.close()
    await account.close()
  })

  test('that only verify cannot sign', async () => {
    const { secret, publicKey } = await generateKeyPair()
    expect(canSign([generateSecret()])).toBe(true)
    expect(canSign([secret])).toBe(true)
    expect(canSign([publicKey])).toBe(false)
  })
})

describe('a port', () => {
  test('is bound on loopback only', async () => {
    const own = createServer()
    const port = await bind(own, 0)
    expect(own.address()).toEqual({ address: '127.0.0.1', family: 'IPv4', port })
    expect(own.listenerCount('error')).toBe(0)
    const other = createServer()
    await expect(bind(other, port)).rejects.toThrow(
      new RegExp(`^port ${port} is in use: take another one, --port \\d+ is free$`),
    )
    await new Promise((resolve) => own.close(resolve))
  })

  test.each([
    ['EACCES', 'port 80 needs more rights: use one above 1023'],
    ['EODD', 'odd'],
  ])('that cannot be bound (%s) is named', async (code, message) => {
    const refusing = Object.assign(new EventEmitter(), {
      listen: () => refusing.emit('error', Object.assign(new Error('odd'), { code })),
    })
    await expect(bind(refusing as never, 80)).rejects.toThrow(message)
  })
})

test.each([true, false])(
  'the listener ends with its signal, also if it came before (%p)',
  async (isBefore) => {
    const own = createServer((_, response) => response.end())
    await bind(own, 0)
    const controller = new AbortController()
    if (isBefore) controller.abort()
    const end = closed(own, controller.signal)
    controller.abort()
    await end
    expect(own.listening).toBe(false)
  },
)

test('an answer that never ends is cut off two seconds after the end', async () => {
  const own = createServer((_, response) => response.write('a'))
  const port = await bind(own, 0)
  const asked = requestHttp({ port, host: '127.0.0.1' })
  const answer = new Promise<EventEmitter>((resolve) => asked.once('response', resolve))
  asked.end()
  const broken = new Promise((resolve) => answer.then((each) => each.once('error', resolve)))
  await answer
  const timers = jest.spyOn(globalThis, 'setTimeout')
  const controller = new AbortController()
  const end = closed(own, controller.signal)
  controller.abort()
  const [cut, milliseconds] = timers.mock.calls[0] ?? []
  timers.mockRestore()
  expect(milliseconds).toBe(2000)
  cut?.()
  await Promise.all([end, broken])
})

describe('a line about a delivery', () => {
  const terminal = testTerminal()
  const line = (changes: Partial<ListedDelivery>): string =>
    printDelivery(listed(changes), undefined, terminal)

  test('shows the time, the verdict, the answer, type, id, size and duration', () => {
    const { receivedAt } = listed()
    const time = new Date(receivedAt).toTimeString().slice(0, 8)
    expect(line({ type: 'a.b', id: 'msg_1' })).toMatch(
      new RegExp(`^${time} +✓ accepted +204 +a\\.b +msg_1 +2 B +1 ms$`),
    )
    expect(line({})).toMatch(/ no type +no id /)
    expect(line({ verdict: 'refused', code: 'header_missing', repeats: 7 })).toMatch(
      /✗ refused header_missing .* repeats #7$/,
    )
  })

  test('shows at most 60 characters of a type and an id, and none that is invisible', () => {
    expect(line({ type: 'a'.repeat(60) })).toContain(` ${'a'.repeat(60)} `)
    expect(line({ type: 'a'.repeat(61) })).toContain(` ${'a'.repeat(59)}… `)
    expect(line({ id: '\u202ea' })).toContain('\\u202ea')
  })

  test('shows the answer of the application, and warns if it accepts what is refused', () => {
    const forwarded = { status: 200, duration: 2.6 }
    expect(line({ forwarded })).toMatch(/→ 200 in 3 ms$/)
    const refused = { verdict: 'refused', code: 'header_missing' } as const
    expect(line({ ...refused, forwarded })).toMatch(/, although refused here$/)
    expect(line({ ...refused, forwarded: { ...forwarded, status: 299 } })).toMatch(/although/)
    expect(line({ ...refused, forwarded: { ...forwarded, status: 300 } })).not.toMatch(/although/)
    const code = { ...forwarded, status: 401, code: 'header_missing' }
    expect(line({ ...refused, forwarded: code })).toMatch(/→ 401 header_missing in 3 ms$/)
    expect(line({ forwarded: { duration: 1, failure: 'down\u0007' } })).toMatch(
      /→ no answer\n {4}down\\u0007$/,
    )
  })

  test('has the finding and its fix below', () => {
    const finding = {
      code: 'clock_skew',
      confidence: 'certain',
      explanation: 'Old\u0007.',
      fix: 'Do that.',
    } as never
    expect(printDelivery(listed(), finding, terminal)).toMatch(
      /\n {4}clock_skew \(certain\): Old\\u0007\.\n {4}Fix: Do that\.$/,
    )
    terminal.isColourful = true
    expect(printDelivery(listed(), undefined, terminal)).toContain('\u001b[32m✓')
    expect(printDelivery(listed({ verdict: 'refused' }), finding, terminal)).toMatch(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of a terminal
      /\u001b\[31m✗.*\n\u001b\[33m {4}clock_skew/,
    )
    terminal.isColourful = false
  })
})

describe('the explainer', () => {
  const secret = generateSecret()
  const refused = async (number: number): Promise<Kept> => {
    const { headers, body } = await tamperedRequest({ secret })
    const captured = { method: 'POST', url: '/', headers: Object.entries(headers), body }
    return { ...kept(number), captured }
  }

  test('says why, once for each delivery, with the secrets of before as well', async () => {
    let asked = 0
    const secrets = async (): Promise<string[]> => {
      asked++
      return [generateSecret()]
    }
    const explainer = createExplainer({ secrets, previous: [secret] })
    const { headers, body } = await signedRequest({ secret })
    const captured = { method: 'POST', url: '/', headers: Object.entries(headers), body }
    const delivery = { ...kept(1), captured }
    const findings = await explainer.now(delivery)
    expect(findings[0]?.code).toBe('secret_previous')
    expect(await explainer.now(delivery)).toBe(findings)
    expect(asked).toBe(1)
  })

  test('judges a delivery by the time when it arrived', async () => {
    const receivedAt = new Date('2026-01-02T03:04:05Z')
    const { headers, body } = await tamperedRequest({ secret, timestamp: receivedAt })
    const captured = {
      method: 'POST',
      url: '/',
      headers: Object.entries(headers),
      body,
      receivedAt,
    }
    const explainer = createExplainer({ secrets: async () => [secret], previous: [] })
    const codes = (await explainer.now({ ...kept(1), captured })).map(({ code }) => code)
    expect(codes.length).toBeGreaterThan(0)
    expect(codes).not.toContain('clock_skew')
  })

  test('finds nothing without secrets, and goes on', async () => {
    let isDown = true
    const secrets = async (): Promise<string[]> => {
      if (isDown) throw new Error('down')
      return [secret]
    }
    const explainer = createExplainer({ secrets, previous: [] })
    expect(await explainer.now(await refused(1))).toEqual([])
    isDown = false
    expect((await explainer.now(await refused(2))).length).toBeGreaterThan(0)
  })

  test('lets at most 16 wait, and explains any other when it is asked for', async () => {
    let open = (): void => {}
    // Diagnosing takes a while, and one that fails waits like any other.
    const opened = new Promise<string[]>((_, reject) => {
      open = () => reject(new Error('down'))
    })
    const explainer = createExplainer({ secrets: () => opened, previous: [] })
    const all = await Promise.all(Array.from({ length: 18 }, (_, i) => refused(i)))
    const soon = all.slice(0, 17).map((each) => explainer.soon(each))
    expect(soon.map(Boolean)).toEqual([...Array(16).fill(true), false])
    expect(explainer.now(all[17] as Kept)).toBeInstanceOf(Promise)
    open()
    for (const findings of soon.slice(0, 16)) expect(await findings).toEqual([])
    await explainer.now(all[17] as Kept)
    expect(explainer.soon(all[16] as Kept)).toBeInstanceOf(Promise)
  })
})

describe('what is shown', () => {
  test('comes in the order in which deliveries were answered', async () => {
    const terminal = testTerminal()
    const waiting: (() => void)[] = []
    const soon = () =>
      new Promise<[]>((resolve) => {
        waiting.push(() => resolve([]))
      })
    const show = createShow(terminal, { soon, now: soon }, false)
    show(kept(1, 2, { listed: listed({ verdict: 'refused', id: 'first' }) }))
    show(kept(2, 2, { listed: listed({ id: 'second' }) }))
    await new Promise((resolve) => setImmediate(resolve))
    expect(terminal.printed).toEqual([])
    for (const answer of waiting) answer()
    await new Promise((resolve) => setImmediate(resolve))
    expect(terminal.printed.map((line) => /first|second/.exec(line)?.[0])).toEqual([
      'first',
      'second',
    ])
    // Nothing is explained for an accepted one, nor without its body.
    show(kept(3, 2, { listed: listed({ verdict: 'refused' }), hasBody: false }))
    expect(waiting).toHaveLength(1)
  })
})

describe('the stream of events', () => {
  const wait = () => new Promise((resolve) => setImmediate(resolve))

  /** A page whose connection takes as much as the test says. */
  function page(url = '/_countersign/events', headers = {}) {
    const written: string[] = []
    const connection = Object.assign(new EventEmitter(), {
      isOpen: true,
      ended: 0,
      writeHead() {},
      write(text: string) {
        written.push(text)
        return connection.isOpen
      },
      end() {
        connection.ended++
      },
    })
    return { connection, written, request: { url, headers } as never }
  }

  let history: ReturnType<typeof createHistory>
  let controller: AbortController
  const open = (seen = page()) => {
    const stream = createEventStream({ history, run: 'run', signal: controller.signal })
    stream(seen.request, seen.connection as never)
    return seen
  }
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] })
    history = createHistory()
    controller = new AbortController()
  })

  test('sends what is there, then what changed, in batches', () => {
    history.add(kept(1))
    const { written } = open()
    expect(written.join('')).toMatch(/event: start\nid: run-0\n.*id: run-1\ndata: \[\{/s)
    const before = written.length
    history.add(kept(2))
    history.add(kept(3))
    expect(written).toHaveLength(before)
    jest.advanceTimersByTime(100)
    expect(written).toHaveLength(before + 1)
    const [, data = ''] = /data: (.*)\n\n$/.exec(written.at(-1) ?? '') ?? []
    expect(JSON.parse(data).map(({ number }: ListedDelivery) => number)).toEqual([2, 3])
    expect(written.at(-1)).toMatch(/^id: run-3\n/)
  })

  test.each([
    ['by the header', page('/_countersign/events', { 'last-event-id': 'run-1' })],
    ['by the address', page('/_countersign/events?after=run-1')],
  ])('goes on from what the page saw last, %s', (_, seen) => {
    history.add(kept(1))
    history.add(kept(2))
    const text = open(seen).written.join('')
    expect(text).not.toContain('event: start')
    expect(text).toContain('"number":2')
    expect(text).not.toContain('"number":1')
  })

  test.each(['other-1', 'run-', 'run-x', '', 'run-1-2'])('starts again for a page of %p', (id) => {
    history.add(kept(1))
    const text = open(page('/', { 'last-event-id': id })).written.join('')
    expect(text).toContain('event: start')
    expect(text).toContain('"number":1')
  })

  test('waits for a page that reads slowly, and then sends one larger batch', () => {
    const { connection, written } = open()
    connection.isOpen = false
    history.add(kept(1))
    jest.advanceTimersByTime(100)
    const before = written.length
    history.add(kept(2))
    history.add(kept(3))
    jest.advanceTimersByTime(60_000)
    expect(written).toHaveLength(before)
    connection.isOpen = true
    connection.emit('drain')
    jest.advanceTimersByTime(100)
    expect(written).toHaveLength(before + 1)
    expect(written.at(-1)).toMatch(/"number":2.*"number":3/)
  })

  test('keeps a quiet connection alive, and leaves nothing behind', async () => {
    const { connection, written } = open()
    const before = written.length
    jest.advanceTimersByTime(15_000)
    expect(written.slice(before)).toEqual([':\n\n'])
    history.add(kept(1))
    connection.emit('close')
    expect(jest.getTimerCount()).toBe(0)
    controller.abort()
    expect(connection.ended).toBe(0)
    await wait()
  })

  test('of a page that has gone hears of nothing more', () => {
    const { connection } = open()
    connection.emit('close')
    history.add(kept(1))
    expect(jest.getTimerCount()).toBe(0)
  })

  test('ends with the program', () => {
    const { connection } = open()
    controller.abort()
    expect(connection.ended).toBe(1)
  })
})

describe('the page', () => {
  test('may run the scripts and styles that are in it, by their hashes', () => {
    const html = '<style>a{}</style><script type="module">1</script><script>2</script>'
    const { headers } = pageFile(html)
    const policy = headers['content-security-policy']
    expect(policy).toContain(
      "script-src 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s=' 'sha256-1HNeOiZeFu7gP1lxi5tdAwGcB9i2xR+Q2jpmbuwTqzU='",
    )
    expect(policy).toMatch(/style-src 'sha256-[\w+/]{43}='/)
    for (const rule of [
      "default-src 'none'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
      "form-action 'none'",
      "base-uri 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]) {
      expect(policy?.split('; ')).toContain(rule)
    }
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    })
  })

  test.each([
    ['GET', '/_countersign', 'page'],
    ['POST', '/_countersign/deliveries/1/sign', 'page'],
    ['GET', '/_countersign?x', 'page'],
    ['POST', '/_countersigned', 'delivery'],
    ['PUT', '/a/_countersign', 'delivery'],
    ['POST', '/', 'delivery'],
    ['GET', '/webhooks', '405'],
    ['PATCH', '/', '405'],
  ])('%s %s goes to: %s', async (method, url, expected) => {
    let went = ''
    const note = (name: string) => async (): Promise<void> => {
      went = name
    }
    const response = {
      writeHead(status: number, headers: object) {
        went = String(status)
        expect(headers).toMatchObject({ allow: 'POST, PUT' })
      },
      end() {},
    }
    await route({ method, url, resume() {} } as never, response as never, {
      receive: note('delivery'),
      answerPage: note('page'),
    })
    expect(went).toBe(expected)
  })
})
