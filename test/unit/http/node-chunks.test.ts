import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { describe, expect, test } from '@jest/globals'
import { readNodeBody } from '../../../src/http/node-body.js'

const LIMIT = 1000

interface Read {
  readonly body: Uint8Array | { readonly code: string }
  /** What Node's parser pushed into the request. */
  readonly chunks: Buffer[]
}

/** Sends the parts to a real server, which reads them after `before` has seen the request. */
async function received(
  parts: readonly string[],
  before: (incoming: IncomingMessage) => void = () => {},
): Promise<Read> {
  const chunks: Buffer[] = []
  const rest = [...parts]
  const sendNext = (): void => {
    const part = rest.shift()
    if (part === undefined) sending.end()
    else sending.write(part || '', sendEnd)
  }
  const sendEnd = (): void => {
    if (rest.length === 0) sending.end()
  }
  const server = createServer()
  const reading = new Promise<Read['body']>((resolve) => {
    server.on('request', (incoming, response) => {
      const push = incoming.push.bind(incoming)
      incoming.push = (chunk: Buffer | null) => {
        if (chunk) chunks.push(chunk)
        // The next part is sent when this one has arrived, so that each is a chunk.
        if (chunk && rest.length > 0) setImmediate(sendNext)
        return push(chunk)
      }
      before(incoming)
      Promise.resolve(readNodeBody(incoming, LIMIT))
        .then(resolve, resolve)
        .finally(() => response.end())
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const sending = request({ port, host: '127.0.0.1', method: 'POST' })
  sending.on('error', () => {})
  sendNext()
  const body = await reading
  server.closeAllConnections()
  server.close()
  return { body, chunks }
}

function bytesOf({ body }: Read): Uint8Array {
  if (body instanceof Uint8Array) return body
  throw body
}

describe('the chunks of a real request', () => {
  test('one that nobody else holds is kept without a copy, and there are no other bytes behind it', async () => {
    const read = await received(['abc'])
    const body = bytesOf(read)
    expect(Buffer.from(body).toString()).toBe('abc')
    expect(body.buffer).toBe(read.chunks[0]?.buffer)
    expect(body.buffer.byteLength).toBe(3)
    expect(Buffer.isBuffer(body)).toBe(false)
  })
  test.each<[string, (incoming: IncomingMessage) => void]>([
    ['another listener', (incoming) => incoming.on('data', () => {})],
    ['a listener that is called only once', (incoming) => incoming.once('data', () => {})],
    [
      'a listener that is added later',
      (incoming) => process.nextTick(() => incoming.on('data', () => {})),
    ],
    [
      'a loop over the request that begins later',
      (incoming) =>
        process.nextTick(async () => {
          for await (const _ of incoming);
        }),
    ],
    [
      'a wrapper of our own listener',
      (incoming) => {
        incoming.on = incoming.on.bind(incoming)
      },
    ],
    [
      'a wrapped `emit`',
      (incoming) => {
        incoming.emit = incoming.emit.bind(incoming)
      },
    ],
  ])(
    'one that %s gets too is copied, so that nobody can change it later',
    async (_name, before) => {
      const read = await received(['abc'], before)
      for (const chunk of read.chunks) chunk.fill(0)
      expect(Buffer.from(bytesOf(read)).toString()).toBe('abc')
    },
  )
  test('one with other bytes behind it is copied', async () => {
    const larger = Buffer.from('xabcx')
    const read = await received(['abc'], (incoming) => {
      const push = incoming.push
      incoming.push = (chunk) => push(chunk && larger.subarray(1, 4))
    })
    expect(Buffer.from(bytesOf(read)).toString()).toBe('abc')
    expect(bytesOf(read).buffer).not.toBe(larger.buffer)
  })
  test('several are joined', async () => {
    const read = await received(['ab', 'cd', 'e'])
    expect(read.chunks).toHaveLength(3)
    expect(Buffer.from(bytesOf(read)).toString()).toBe('abcde')
  })
  test('the limit holds for one and for several', async () => {
    const whole = 'x'.repeat(LIMIT)
    expect(bytesOf(await received([whole]))).toHaveLength(LIMIT)
    expect((await received([`${whole}x`])).body).toMatchObject({ code: 'body_too_large' })
  })
  test('an empty body has no chunk', async () => {
    const read = await received([''])
    expect(bytesOf(read)).toHaveLength(0)
  })
})

test('the chunk of a stream that no socket feeds is copied, because its maker may still hold it', async () => {
  const chunk = Buffer.from(Uint8Array.of(1, 2, 3).buffer)
  for (const socket of [null, {}, { bytesRead: 0 }]) {
    const stream = Object.assign(new Readable({ read() {} }), { headers: {}, socket })
    stream.push(chunk)
    stream.push(null)
    const body = await readNodeBody(stream, LIMIT)
    expect(body).toEqual(Uint8Array.of(1, 2, 3))
    expect(body.buffer).not.toBe(chunk.buffer)
  }
})
