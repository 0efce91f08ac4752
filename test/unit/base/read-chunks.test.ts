import { Readable } from 'node:stream'
import { describe, expect, test } from '@jest/globals'
import { isChunks, readChunks } from '../../../src/base/read-chunks.js'

const streams = {
  'a web stream': (chunks: unknown[]) =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = chunks.shift()
        if (chunk) controller.enqueue(chunk as Uint8Array)
        else controller.close()
      },
    }),
  'a stream of Node’s': (chunks: unknown[]) => Readable.from(chunks),
}

describe.each(Object.entries(streams))('%s', (_name, streamOf) => {
  test('is read into one buffer, for every view that a chunk may be', async () => {
    const chunks = [
      Uint8Array.of(1),
      Uint8Array.of(9, 2, 9).subarray(1, 2),
      Uint8Array.of(3).buffer,
    ]
    expect([...((await readChunks(streamOf(chunks), 3)) ?? [])]).toEqual([1, 2, 3])
  })
  test('is given up at the limit', async () => {
    expect(await readChunks(streamOf([Uint8Array.of(1, 2), Uint8Array.of(3)]), 2)).toBeUndefined()
  })
  test('of text is refused, and the message says what was found', async () => {
    await expect(readChunks(streamOf(['a']), 2)).rejects.toMatchObject({
      code: 'body_unavailable',
      message: 'the body stream delivers a value of type string, not a Uint8Array',
    })
  })
  test('that later changes do not reach: the chunk is used again', async () => {
    const chunk = Uint8Array.of(1)
    const reading = readChunks(streamOf([chunk]), 2)
    expect([...((await reading) ?? [])]).toEqual([1])
    chunk.fill(9)
    expect([...((await reading) ?? [])]).toEqual([1])
  })
})

test('a web stream is cancelled at the limit, and a cancel that fails is ignored', async () => {
  let canceled = 0
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(Uint8Array.of(1, 2)),
    cancel() {
      canceled++
      return Promise.reject(new Error('no'))
    },
  })
  expect(await readChunks(stream, 5)).toBeUndefined()
  expect(canceled).toBe(1)
})

test('isChunks distinguishes streams from everything else', () => {
  expect([new ReadableStream(), Readable.from([])].map(isChunks)).toEqual([true, true])
  expect([null, undefined, 'text', {}, new Uint8Array(1)].map(isChunks)).toEqual(
    Array(5).fill(false),
  )
})
