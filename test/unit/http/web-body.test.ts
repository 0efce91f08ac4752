import { Readable } from 'node:stream'
import { describe, expect, test } from '@jest/globals'
import { readWebBody } from '../../../src/http/web-body.js'

const LIMIT = 1000

function post(body: BodyInit | null, headers: Record<string, string> = {}): Request {
  const init = { method: 'POST', body, headers, duplex: 'half' }
  return new Request('http://127.0.0.1/', init)
}

interface Source {
  readonly stream: ReadableStream<Uint8Array>
  pulled: number
  canceled: boolean
}

/** So many chunks of 100 bytes; without a number they never end. */
function chunks(count = Number.POSITIVE_INFINITY, cancel: () => unknown = () => {}): Source {
  const source: Source = {
    pulled: 0,
    canceled: false,
    stream: new ReadableStream<Uint8Array>({
      pull(controller) {
        if (source.pulled++ < count) controller.enqueue(new Uint8Array(100))
        else controller.close()
      },
      cancel() {
        source.canceled = true
        return cancel() as undefined
      },
    }),
  }
  return source
}

async function codeOf(request: Request, limit = LIMIT): Promise<string> {
  return readWebBody(request, limit).then(
    () => 'read',
    (error) => error.code,
  )
}

describe('readWebBody', () => {
  test('text, bytes and chunks arrive unchanged', async () => {
    const bytes = Uint8Array.of(0xff, 0x00, 0xc3)
    expect(Buffer.from(await readWebBody(post('Zo\u00eb'), LIMIT)).toString()).toBe('Zo\u00eb')
    expect(Buffer.from(await readWebBody(post(bytes), LIMIT))).toEqual(Buffer.from(bytes))
    expect(await readWebBody(post(chunks(3).stream), LIMIT)).toHaveLength(300)
  })
  test('no body is an empty one', async () => {
    expect(await readWebBody(post(null), LIMIT)).toHaveLength(0)
    expect(await readWebBody(post(''), 0)).toHaveLength(0)
  })
  test('exactly the limit is read, one byte more is not', async () => {
    expect(await codeOf(post(new Uint8Array(LIMIT)))).toBe('read')
    expect(await codeOf(post(new Uint8Array(LIMIT + 1)))).toBe('body_too_large')
    expect(await codeOf(post(chunks(10).stream))).toBe('read')
    expect(await codeOf(post(chunks(11).stream))).toBe('body_too_large')
    expect(await codeOf(post('1'), 0)).toBe('body_too_large')
  })
  test('a body that never ends is given up at the limit', async () => {
    const source = chunks()
    expect(await codeOf(post(source.stream))).toBe('body_too_large')
    expect(source.canceled).toBe(true)
    expect(source.pulled).toBeLessThan(20)
  })
  test('a cancel that fails is ignored', async () => {
    const source = chunks(Number.POSITIVE_INFINITY, () => Promise.reject(new Error('no')))
    expect(await codeOf(post(source.stream))).toBe('body_too_large')
    await new Promise(setImmediate)
  })
  test('a Content-Length over the limit is refused unread', async () => {
    const request = post(chunks().stream, { 'content-length': String(LIMIT + 1) })
    expect(await codeOf(request)).toBe('body_too_large')
    expect(request.bodyUsed).toBe(false)
  })
  test('a Content-Length up to the limit is read', async () => {
    const request = post(chunks(10).stream, { 'content-length': String(LIMIT) })
    expect(await codeOf(request)).toBe('read')
  })
  test.each(['10', '0', '-1', 'many'])('a Content-Length of %p does not count', async (length) => {
    const request = post(chunks(11).stream, { 'content-length': length })
    expect(await codeOf(request)).toBe('body_too_large')
  })
  test('a body that was read, or is being read, is body_unavailable', async () => {
    const read = post('abc')
    await read.text()
    expect(await codeOf(read)).toBe('body_unavailable')
    const locked = post('abc')
    locked.body?.getReader()
    expect(await codeOf(locked)).toBe('body_unavailable')
    await expect(readWebBody(locked, LIMIT)).rejects.toThrow(/already read the request body/)
    const cloned = post('abc')
    const clone = cloned.clone()
    await clone.text()
    expect(await codeOf(cloned)).toBe('read')
  })
  test('without a stream, as in mocks and polyfills, the limit holds too', async () => {
    const mock = (length: number, body?: unknown) => {
      const arrayBuffer = async () => new ArrayBuffer(length)
      return { headers: new Headers(), body, arrayBuffer } as unknown as Request
    }
    expect(await readWebBody(mock(LIMIT), LIMIT)).toHaveLength(LIMIT)
    expect(await codeOf(mock(LIMIT + 1))).toBe('body_too_large')
    const stream = (count: number) =>
      Readable.from(Array.from({ length: count }, () => Buffer.alloc(100)))
    expect(await readWebBody(mock(0, stream(10)), LIMIT)).toHaveLength(LIMIT)
    expect(await codeOf(mock(0, stream(11)))).toBe('body_too_large')
    const without = { headers: new Headers(), body: null } as unknown as Request
    expect(await readWebBody(without, LIMIT)).toHaveLength(0)
  })
  test('a body that breaks off is body_unavailable with its cause', async () => {
    const cause = new Error('reset')
    let pulled = 0
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (pulled++ === 0) controller.enqueue(new Uint8Array(10))
        else controller.error(cause)
      },
    })
    await expect(readWebBody(post(stream), LIMIT)).rejects.toMatchObject({
      code: 'body_unavailable',
      cause,
    })
  })
})
