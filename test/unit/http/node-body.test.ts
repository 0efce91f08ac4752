import { Readable } from 'node:stream'
import { describe, expect, test } from '@jest/globals'
import { readNodeBody } from '../../../src/http/node-body.js'

const LIMIT = 1000

/** A real stream with what else a Node request has. */
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
  test('no chunk at all is an empty body', async () => {
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
  test('what comes after the limit is discarded, so that the sender gets to the end', async () => {
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
  test('one that somebody paused is read all the same', async () => {
    const request = requestOf(chunked(Buffer.from('abc')))
    request.pause()
    expect((await read(request)).toString()).toBe('abc')
  })
  test('text instead of bytes is refused', async () => {
    const request = requestOf(chunked(Buffer.from('abc')))
    request.setEncoding('utf8')
    expect(await codeOf(request)).toBe('body_unavailable')
  })
  test('an error is body_unavailable with its cause, and a second one does no harm', async () => {
    const request = requestOf(new Readable({ read() {} }))
    const reading = read(request)
    const cause = new Error('reset')
    request.destroy(cause)
    await expect(reading).rejects.toMatchObject({ code: 'body_unavailable', cause })
    expect(() => request.emit('error', new Error('again'))).not.toThrow()
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
    // One that swallows what the rest of the stream may still throw.
    expect(listenersOf(bad)).toEqual(['error'])
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
  test.each([
    ['a parsed body', { body: { a: 1 } }, /rawBody/],
    ['null', { body: null }, /parser/],
    ['text', { body: 'abc\uFFFD' }, /raw/],
    ['nothing', {}, /before/],
  ])('with %s names the fix', async (_name, extra, fix) => {
    const request = requestOf(await spent(), extra)
    await expect(read(request)).rejects.toThrow(fix)
  })
  test('with text counts only where it is provably the bytes', async () => {
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
      { headers: { 'content-length': '3' }, rawBody: '\uFFFD' },
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
  test('no byte is copied, and no byte is a body too', async () => {
    const rawBody = Buffer.from('raw')
    expect(readNodeBody(requestOf(untouched(), { rawBody }), LIMIT)).toBe(rawBody)
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
