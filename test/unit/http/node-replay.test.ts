import { PassThrough, Readable } from 'node:stream'
import { describe, expect, test } from '@jest/globals'
import { replayNodeBody } from 'countersign/http'

const BODY = Buffer.from('{"n":1}')

/** A request whose bytes have been read, and then put back. */
async function replayed(): Promise<Readable> {
  const request = Readable.from([BODY], { objectMode: false, autoDestroy: false })
  for await (const _ of request);
  replayNodeBody(request, BODY)
  return request
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts).toString()
}

describe('a body that is put back is read again', () => {
  test.each(['on', 'addListener'] as const)('with listeners that %s() adds', async (add) => {
    const request = await replayed()
    const chunks: Uint8Array[] = []
    const ended = new Promise<void>((resolve) => {
      // Each call returns the request, so that calls can be chained.
      const chained = request[add]('data', (chunk) => chunks.push(chunk))[add]('end', resolve)
      expect(chained).toBe(request)
    })
    await ended
    expect(Buffer.concat(chunks)).toEqual(BODY)
  })
  test('with read(), after it has become readable', async () => {
    const request = await replayed()
    await new Promise<void>((resolve) => request.on('readable', resolve))
    expect(request.read(3)).toEqual(BODY.subarray(0, 3))
    expect(request.read()).toEqual(BODY.subarray(3))
  })
  test('with for await', async () => {
    expect(await textOf(await replayed())).toBe(BODY.toString())
  })
  test('with pipe(), until unpipe()', async () => {
    const piped = new PassThrough()
    const request = await replayed()
    expect(request.pipe(piped)).toBe(piped)
    expect(await textOf(piped)).toBe(BODY.toString())
    const stopped = new PassThrough()
    const other = await replayed()
    other.pipe(stopped)
    other.unpipe(stopped)
    await new Promise(setImmediate)
    expect(stopped.read()).toBeNull()
  })
})

test.each([
  'close',
  'error',
  'aborted',
  'sendend',
  'endless',
  'mydata',
  'database',
  'unreadable',
  'readable2',
])('listeners for %p stay with the request', async (event) => {
  const request = await replayed()
  const seen: unknown[] = []
  expect(request.on(event, (value) => seen.push(value))).toBe(request)
  request.emit(event, 'value')
  expect(seen).toEqual(['value'])
})

test('a framework that copies the properties of a request does not copy the replay', async () => {
  const request = Readable.from([BODY], { objectMode: false })
  const before = Object.keys(request)
  replayNodeBody(request, BODY)
  expect(Object.keys(request)).toEqual(before)
  expect(Object.hasOwn(request, 'on')).toBe(true)
})

test('instrumentation may wrap or remove what was put there', async () => {
  const request = await replayed()
  const { on } = request
  let calls = 0
  request.on = function (...args) {
    calls++
    return on.apply(this, args)
  }
  request.on('data', () => {})
  expect(calls).toBe(1)
  expect(Reflect.deleteProperty(request, 'on')).toBe(true)
  expect(request.on).toBe(Readable.prototype.on)
})
