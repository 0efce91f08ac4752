import { EventEmitter, once } from 'node:events'
import { createServer, IncomingMessage, request as requestHttp1 } from 'node:http'
import { connect, createServer as createHttp2Server } from 'node:http2'
import { type AddressInfo, Socket } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { describe, expect, jest, test } from '@jest/globals'
import { readNodeBody } from '../../../src/http/node-body.js'

const LIMIT = 1000

/** A real stream with the other properties of a Node request. */
function requestOf(
  stream: Readable,
  extra: object = {},
): Readable & { headers: Record<string, string> } {
  return Object.assign(stream, { headers: {}, ...extra })
}

function chunked(...chunks: (Uint8Array | string)[]): Readable {
  return Readable.from(chunks, { objectMode: false })
}

async function read(request: Parameters<typeof readNodeBody>[0], limit = LIMIT, parsed = request) {
  return Buffer.from(await readNodeBody(request, limit, parsed))
}

async function codeOf(request: Parameters<typeof readNodeBody>[0], limit = LIMIT) {
  return read(request, limit).then(
    () => 'read',
    (error) => error.code,
  )
}

function closed(request: Readable): Promise<unknown> {
  return new Promise((resolve) => request.once('close', resolve))
}

// biome-ignore lint/suspicious/noExplicitAny: Node's own type of a listener
type Listener = (...args: any[]) => void
type Add = (event: string | symbol, listener: Listener) => unknown

function listenersOf(request: Readable): string[] {
  return request
    .eventNames()
    .flatMap((name) => Array(request.listenerCount(name)).fill(`${String(name)}`))
}

describe('from the stream', () => {
  test('chunks are joined, also within a character', async () => {
    const bytes = Buffer.from('Zo\u00eb')
    const request = requestOf(chunked(bytes.subarray(0, 3), bytes.subarray(3)))
    expect(await read(request)).toEqual(bytes)
  })
  test('a stream without chunks is an empty body', async () => {
    expect(await read(requestOf(Readable.from([])))).toHaveLength(0)
  })
  test('a body object is no reason to stop: Express 4 sets one without reading', async () => {
    const request = requestOf(chunked(Buffer.from('abc')), { body: {} })
    expect((await read(request)).toString()).toBe('abc')
  })
  test('exactly the limit is read, one byte more is not', async () => {
    const halves = () => chunked(Buffer.alloc(LIMIT / 2), Buffer.alloc(LIMIT / 2))
    expect(await read(requestOf(halves()))).toHaveLength(LIMIT)
    expect(await codeOf(requestOf(halves()), LIMIT - 1)).toBe('body_too_large')
    expect(await codeOf(requestOf(chunked(Buffer.alloc(1))), 0)).toBe('body_too_large')
    expect(await codeOf(requestOf(Readable.from([])), 0)).toBe('read')
  })
  test('a Content-Length over the limit is refused before anything is read', async () => {
    const endless = new Readable({ read() {} })
    const request = requestOf(endless, { headers: { 'content-length': String(LIMIT + 1) } })
    expect(await codeOf(request)).toBe('body_too_large')
    request.destroy()
  })
  test.each(['10', '0', '-1', 'many', ''])('a Content-Length of %p does not count', async (it) => {
    const request = requestOf(chunked(Buffer.alloc(LIMIT + 1)), {
      headers: { 'content-length': it },
    })
    expect(await codeOf(request)).toBe('body_too_large')
  })
  test('a Content-Length up to the limit is read', async () => {
    const request = requestOf(chunked(Buffer.alloc(LIMIT)), {
      headers: { 'content-length': String(LIMIT) },
    })
    expect(await read(request)).toHaveLength(LIMIT)
  })
  test('the bytes after the limit are discarded, so that the sender can finish', async () => {
    let sent = 0
    const stream = new Readable({
      read() {
        this.push(sent++ < 50 ? Buffer.alloc(100) : null)
      },
    })
    const ended = new Promise((resolve) => stream.on('end', resolve))
    expect(await codeOf(requestOf(stream))).toBe('body_too_large')
    await ended
    expect(sent).toBe(51)
  })
  test('a paused stream is read all the same', async () => {
    const request = requestOf(chunked(Buffer.from('abc')))
    request.pause()
    expect((await read(request)).toString()).toBe('abc')
  })
  test('text instead of bytes is refused', async () => {
    const request = requestOf(chunked(Buffer.from('abc')))
    request.setEncoding('utf8')
    await expect(read(request)).rejects.toMatchObject({
      code: 'body_unavailable',
      message: expect.stringContaining('setEncoding'),
    })
  })
  test('an error is body_unavailable with its cause, and a second one does no harm', async () => {
    const request = requestOf(new Readable({ read() {} }))
    const reading = read(request)
    const cause = new Error('reset')
    request.emit('error', cause)
    expect(() => request.emit('error', new Error('again'))).not.toThrow()
    await expect(reading).rejects.toMatchObject({ code: 'body_unavailable', cause })
  })
  test('a connection that closes half way is body_unavailable', async () => {
    const request = requestOf(new Readable({ read() {} }))
    const reading = codeOf(request)
    request.push(Buffer.from('half'))
    request.destroy()
    expect(await reading).toBe('body_unavailable')
  })
  test('it leaves no listeners behind', async () => {
    const good = requestOf(chunked(Buffer.from('abc')))
    const before = listenersOf(good)
    await read(good)
    expect(listenersOf(good)).toEqual(before)
    const bad = requestOf(chunked(Buffer.alloc(LIMIT + 1)))
    await codeOf(bad)
    // One listener stays until the stream closes: it ignores the errors of the rest of the stream.
    expect(listenersOf(bad).sort()).toEqual(['close', 'error'])
    await closed(bad)
    expect(listenersOf(bad)).toEqual([])
  })
  test('it leaves no listeners behind that instrumentation has put in their place', async () => {
    for (const body of [Buffer.from('abc'), Buffer.alloc(LIMIT + 1)]) {
      const request = requestOf(chunked(body))
      const before = listenersOf(request)
      const isClosed = closed(request)
      const on = request.on.bind(request)
      Object.assign(request, {
        on: (event: string, listener: (...args: unknown[]) => void) =>
          on(event, (...args: unknown[]) => listener(...args)),
      })
      await codeOf(request)
      await isClosed
      expect(listenersOf(request)).toEqual(before)
    }
  })
  test.each([['data'], ['end'], ['error'], ['close']])(
    'it leaves no listeners behind if instrumentation has put its own in place of %p alone',
    async (wrapped) => {
      for (const body of [Buffer.from('abc'), Buffer.alloc(LIMIT + 1)]) {
        const request = requestOf(chunked(body))
        const before = listenersOf(request)
        const isClosed = closed(request)
        const on = request.on.bind(request)
        Object.assign(request, {
          on: (event: string, listener: (...args: unknown[]) => void) =>
            on(event, event === wrapped ? (...args: unknown[]) => listener(...args) : listener),
        })
        await codeOf(request)
        await isClosed
        expect(listenersOf(request)).toEqual(before)
      }
    },
  )
  test.each<[string, (add: Add) => Add]>([
    ['puts in their place', (add) => (event, listen) => add(event, (...args) => listen(...args))],
    [
      'adds to them',
      (add) => (event, listen) => {
        add(event, listen)
        return add(event, () => {})
      },
    ],
  ])('it leaves no listeners behind that a class of instrumentation %s', async (_way, change) => {
    class Instrumented extends Readable {
      override _read(): void {}
      override on(event: string | symbol, listener: Listener): this {
        change(super.on.bind(this))(event, listener)
        return this
      }
    }
    for (const size of [3, LIMIT + 1]) {
      const request = requestOf(new Instrumented())
      const isClosed = new Promise((resolve) =>
        Readable.prototype.on.call(request, 'close', resolve),
      )
      const before = listenersOf(request)
      request.push(Buffer.alloc(size))
      request.push(null)
      await codeOf(request)
      await isClosed
      expect(listenersOf(request)).toEqual(before)
    }
  })
  test.each([[['data', 'end']], [['data', 'end', 'close']]])(
    'a mock that calls its listeners for %j at once is read',
    async (events) => {
      const mock = {
        headers: {},
        on: (event: string, listener: (chunk: Uint8Array) => void) =>
          events.includes(event) && listener(Buffer.from('abc')),
      }
      expect((await read(mock)).toString()).toBe('abc')
      expect(await codeOf(mock, 2)).toBe('body_too_large')
    },
  )
  test('a mock that calls its listeners at once keeps none of them', async () => {
    const events = new EventEmitter()
    const mock = {
      headers: {},
      on(event: string, listener: Listener) {
        events.on(event, listener)
        if (event === 'data' || event === 'end') listener(Buffer.from('abc'))
      },
      removeListener: events.removeListener.bind(events),
    }
    expect((await read(mock)).toString()).toBe('abc')
    expect(events.eventNames()).toEqual([])
  })
})

describe('from a stream that is spent', () => {
  const spent = async (): Promise<Readable> => {
    const stream = chunked(Buffer.from('abc'))
    for await (const _ of stream);
    return stream
  }
  test('with nothing kept is body_unavailable at once', async () => {
    const request = requestOf(await spent())
    expect(() => readNodeBody(request, LIMIT)).toThrow(
      expect.objectContaining({ code: 'body_unavailable' }),
    )
  })
  test.each<[string, object]>([
    ['a mock that was read', { readableDidRead: true }],
    ['a mock that has ended', { readableEnded: true }],
    ['a mock that is not readable', { readable: false }],
    ['a mock that was destroyed', { destroyed: true }],
    ['a mock without methods', { on: undefined }],
    ['a stream that was destroyed', { _readableState: {}, destroyed: true }],
  ])('%s is body_unavailable at once', (_name, state) => {
    const mock = { headers: {}, on() {}, ...state }
    expect(() => readNodeBody(mock, LIMIT)).toThrow(
      expect.objectContaining({ code: 'body_unavailable' }),
    )
  })
  test.each([[undefined], [{}], [{ pending: false, destroyed: false }]])(
    'because a listener reads it is body_unavailable at once, over the socket %p',
    (socket) => {
      const request = requestOf(chunked(Buffer.from('abc')), { socket })
      request.on('readable', () => {})
      expect(() => readNodeBody(request, LIMIT)).toThrow(
        expect.objectContaining({ code: 'body_unavailable' }),
      )
    },
  )
  test('in part is spent too, although the rest is still to come', async () => {
    const request = requestOf(new Readable({ read() {} }))
    const first = new Promise((resolve) => request.once('data', resolve))
    request.push(Buffer.from('abc'))
    await first
    const code = codeOf(request)
    request.push(Buffer.from('def'))
    request.push(null)
    expect(await code).toBe('body_unavailable')
  })
  test('because it was destroyed is body_unavailable, closed or not yet', async () => {
    const request = requestOf(new Readable({ read() {} }))
    const closed = new Promise((resolve) => request.on('close', resolve))
    request.destroy()
    expect(await codeOf(request)).toBe('body_unavailable')
    await closed
    expect(await codeOf(request)).toBe('body_unavailable')
  })
  test.each([['HTTP/1'], ['HTTP/2']])(
    'because the sender hung up before the reading began says so, and prints no warning: %s',
    async (version) => {
      const server = version === 'HTTP/2' ? createHttp2Server() : createServer()
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const session = version === 'HTTP/2' ? connect(url) : undefined
      const sending =
        session?.request({ ':method': 'POST' }) ?? requestHttp1(url, { method: 'POST' })
      for (const client of [sending, session]) client?.on('error', () => {})
      sending.write('half')
      const [request] = await once(server, 'request')
      const isClosed = closed(request)
      for (const client of [sending, session]) client?.destroy()
      await isClosed
      await expect(read(request)).rejects.toMatchObject({
        code: 'body_unavailable',
        message: expect.stringContaining('broke off'),
        quiet: true,
      })
      server.close()
    },
  )
  test.each([
    ['a parsed body', { body: { a: 1 } }, /rawBody/],
    ['null', { body: null }, /parser/],
    ['text', { body: 'abc\uFFFD' }, /raw/],
    ['nothing', {}, /before/],
  ])('with %s names the fix', async (_name, extra, fix) => {
    const request = requestOf(await spent(), extra)
    await expect(read(request)).rejects.toThrow(fix)
  })
  test('with two texts: rawBody goes before body, and the limit holds for both', async () => {
    const headers = { 'content-length': '3' }
    const both = requestOf(await spent(), { headers, rawBody: 'raw', body: 'txt' })
    expect((await read(both, 3)).toString()).toBe('raw')
    for (const extra of [{ rawBody: 'raw' }, { body: 'txt' }]) {
      expect(await codeOf(requestOf(await spent(), { headers, ...extra }), 2)).toBe(
        'body_too_large',
      )
    }
  })
  test('with text counts only if the text is provably the bytes', async () => {
    const text = 'Zo\u00eb'
    const length = { 'content-length': '4' }
    const utf8 = { ...length, 'content-type': 'text/plain; charset = "UTF-8"' }
    for (const headers of [length, utf8]) {
      for (const extra of [{ rawBody: text }, { body: text }]) {
        const request = requestOf(await spent(), { headers, ...extra })
        expect((await read(request)).toString()).toBe(text)
      }
    }
    const doubtful = [
      { headers: {} },
      { headers: { 'content-length': '3' } },
      { headers: { 'content-length': '5' } },
      { headers: { ...length, 'content-type': 'text/plain; charset=latin1' } },
      { headers: { ...length, 'content-type': 'text/plain; charset=utf-16' } },
      { headers: {}, rawBody: '\uFFFD' },
    ]
    for (const extra of doubtful) {
      const request = requestOf(await spent(), { rawBody: text, ...extra })
      expect(await codeOf(request)).toBe('body_unavailable')
    }
  })
})

describe('from what a parser kept', () => {
  const untouched = (): Readable => new Readable({ read() {} })

  test('rawBody goes before body, and both before the stream', async () => {
    const rawBody = Buffer.from('raw')
    const body = Buffer.from('body')
    expect((await read(requestOf(untouched(), { rawBody, body }))).toString()).toBe('raw')
    expect((await read(requestOf(untouched(), { body }))).toString()).toBe('body')
    const parsed = requestOf(untouched(), { rawBody, body: { a: 1 } })
    expect((await read(parsed)).toString()).toBe('raw')
  })
  test('it is copied, because the parser may use its buffer again; an empty buffer is a body too', async () => {
    const rawBody = Buffer.from('raw')
    const bytes = await readNodeBody(requestOf(untouched(), { rawBody }), LIMIT)
    rawBody.fill(0)
    expect(Buffer.from(bytes).toString()).toBe('raw')
    const empty = requestOf(untouched(), { rawBody: Buffer.alloc(0), body: Buffer.from('x') })
    expect(await read(empty)).toHaveLength(0)
  })
  test('any view on bytes will do', async () => {
    const { buffer } = Uint8Array.from(Buffer.from('xabcx'))
    for (const body of [new Uint8Array(buffer, 1, 3), new DataView(buffer, 1, 3)]) {
      expect((await read(requestOf(untouched(), { body }))).toString()).toBe('abc')
    }
  })
  test('the limit holds all the same', async () => {
    const request = requestOf(untouched(), { rawBody: Buffer.alloc(LIMIT + 1) })
    expect(await codeOf(request)).toBe('body_too_large')
    expect(await codeOf(request, LIMIT + 1)).toBe('read')
  })
  test('on a request of the framework’s own', async () => {
    const request = requestOf(untouched(), { body: Buffer.from('on Node’s') })
    const parsed = Object.assign(requestOf(untouched()), { rawBody: Buffer.from('on its own') })
    expect((await read(request, LIMIT, parsed)).toString()).toBe('on its own')
  })
  test('on Node’s request behind a framework’s own, as cloud functions leave it', async () => {
    const request = requestOf(untouched(), { rawBody: Buffer.from('raw'), body: { a: 1 } })
    for (const parsed of [requestOf(untouched()), requestOf(untouched(), { body: { a: 1 } })]) {
      expect((await read(request, LIMIT, parsed)).toString()).toBe('raw')
    }
  })
})

describe('from what is not a live stream', () => {
  const bytes = Buffer.from('abc')

  /** A request as Vercel's Node runtime hands it on: already read, with the bytes replayed, and parsed in a getter. */
  async function replayed(
    parse = (): unknown => {
      throw new Error('Invalid JSON')
    },
  ) {
    const request = requestOf(chunked(bytes))
    for await (const _ of request);
    const replay = new PassThrough()
    const on = request.on.bind(request)
    Object.assign(request, {
      on: (event: string, listener: (...args: unknown[]) => void) =>
        event === 'data' || event === 'end' ? replay.on(event, listener) : on(event, listener),
    })
    replay.end(bytes)
    return Object.defineProperty(request, 'body', { get: parse, configurable: true })
  }
  test('bytes that a platform replays are read, and its parsing getter is left alone', async () => {
    expect(await read(await replayed())).toEqual(bytes)
    expect(await codeOf(await replayed(), 2)).toBe('body_too_large')
    const parse = jest.fn(() => Buffer.from('parsed'))
    expect(await read(await replayed(parse))).toEqual(bytes)
    expect(parse).not.toHaveBeenCalled()
  })
  test('a body that it keeps as bytes is taken, and so is the one of a getter that replays nothing', async () => {
    const kept = Object.defineProperty(await replayed(), 'body', { value: Buffer.from('kept') })
    expect((await read(kept)).toString()).toBe('kept')
    const getter = Object.defineProperty({ headers: {} }, 'body', { get: () => bytes })
    expect(await read(getter as never)).toEqual(bytes)
  })
  test('a stream of a mock that has neither listenerCount() nor removeListener() is read', async () => {
    const events = new EventEmitter()
    const mock = {
      headers: {},
      _readableState: {},
      on: (event: string, listener: Listener) => events.on(event, (chunk) => listener(chunk)),
      listeners: events.listeners.bind(events),
    }
    const reading = read(mock)
    events.emit('data', bytes)
    events.emit('end')
    expect(await reading).toEqual(bytes)
  })
  test('a spent stream with an `on` of its own that replays nothing is body_unavailable', async () => {
    const request = requestOf(chunked(bytes))
    for await (const _ of request);
    const before = listenersOf(request)
    request.on = request.on.bind(request)
    expect(await codeOf(request)).toBe('body_unavailable')
    expect(listenersOf(request)).toEqual(before)
  })
  test('a mock that begins to deliver after 49 ms is read', async () => {
    jest.useFakeTimers()
    try {
      const mock = Object.assign(new EventEmitter(), { headers: {}, body: {} })
      const reading = read(mock)
      await jest.advanceTimersByTimeAsync(49)
      mock.emit('data', bytes)
      mock.emit('end')
      expect(await reading).toEqual(bytes)
    } finally {
      jest.useRealTimers()
    }
  })
  test('a mock that has begun to deliver is waited for, however long the rest takes', async () => {
    jest.useFakeTimers()
    try {
      const mock = Object.assign(new EventEmitter(), { headers: {}, body: {} })
      const reading = read(mock)
      mock.emit('data', Buffer.from('ab'))
      await jest.advanceTimersByTimeAsync(10_000)
      mock.emit('data', Buffer.from('c'))
      mock.emit('end')
      expect(await reading).toEqual(new Uint8Array(Buffer.from('abc')))
    } finally {
      jest.useRealTimers()
    }
  })
  test('a mock that emits its events later is read, without resume() and removeListener()', async () => {
    const events = new EventEmitter()
    const mock = { headers: {}, body: {}, on: events.on.bind(events) }
    const reading = read(mock)
    events.emit('data', bytes.subarray(0, 1))
    events.emit('data', bytes.subarray(1))
    events.emit('end')
    expect(await reading).toEqual(bytes)
  })
  test.each([
    ['a mock that stays silent', Object.assign(new EventEmitter(), { headers: {}, body: {} })],
    ['an object without methods', { headers: {} }],
    ['a stream of a polyfill that says it has ended', polyfill({ body: null })],
    ['a request made by hand', new IncomingMessage(new Socket())],
    [
      'a getter that parses and throws',
      Object.defineProperty({ headers: {} }, 'body', { get: () => JSON.parse('{') }),
    ],
  ])('%s is body_unavailable', async (_name, request) => {
    expect(await codeOf(request as Parameters<typeof readNodeBody>[0])).toBe('body_unavailable')
  })
  test('a request made by hand with data in it is read', async () => {
    const request = new IncomingMessage(new Socket())
    request.push(bytes)
    request.push(null)
    expect(await read(request)).toEqual(bytes)
  })
  test('its text is the platform’s own, and needs no Content-Length; an empty body has one', async () => {
    expect(await read(polyfill({ body: 'Zo\u00eb' }))).toEqual(Buffer.from('Zo\u00eb'))
    expect(await read(polyfill({ body: bytes.buffer.slice(0, 0) }))).toHaveLength(0)
    const empty = polyfill({ body: null, headers: { 'content-length': '0' } })
    expect(await read(empty)).toHaveLength(0)
    expect(await codeOf(polyfill({ body: '\uFFFD' }))).toBe('body_unavailable')
  })

  /** Like the requests of Nitro's serverless presets. */
  function polyfill(extra: object): Parameters<typeof readNodeBody>[0] {
    const state = { readable: false, readableEnded: true, readableDidRead: false, destroyed: false }
    return Object.assign(new EventEmitter(), { ...state, headers: {}, resume() {}, ...extra })
  }
})
