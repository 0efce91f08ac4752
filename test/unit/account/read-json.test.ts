import { Readable } from 'node:stream'
import { describe, expect, test } from '@jest/globals'
import { readJson } from '../../../src/account/read-json.js'
import { expectLinear } from '../../support/growth.js'

const text = '{"a":"\u00eb"}'
const bytes = new TextEncoder().encode(text)

function streamed(...chunks: Uint8Array[]): { response: Response; canceled: () => boolean } {
  let canceled = false
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks.shift()
      if (chunk) controller.enqueue(chunk)
      else controller.close()
    },
    cancel() {
      canceled = true
    },
  })
  return { response: new Response(body, { status: 201 }), canceled: () => canceled }
}

describe('readJson', () => {
  test('joins chunks, also within a character', async () => {
    const { response } = streamed(bytes.slice(0, 7), bytes.slice(7))
    expect(await readJson(response, bytes.length)).toEqual({ a: '\u00eb' })
  })
  test('counts what arrives and gives up in the middle', async () => {
    const { response, canceled } = streamed(bytes, bytes, bytes)
    await expect(readJson(response, bytes.length)).rejects.toMatchObject({
      reason: 'answer_too_large',
      status: 201,
    })
    expect(canceled()).toBe(true)
  })
  test.each(['', ' ', '{', '[]', '1', 'null', '"a"', '<html>'])('refuses %p', async (body) => {
    const read = readJson(new Response(body), 1000)
    await expect(read).rejects.toMatchObject({ reason: 'answer_invalid', status: 200 })
    await expect(read).rejects.not.toHaveProperty('cause')
  })
  test.each<[string, object]>([
    ['a stream of Node’s, as node-fetch has it', { body: Readable.from([bytes]) }],
    ['a stream of text', { body: Readable.from([text.slice(0, 5), text.slice(5)]) }],
    ['text() alone', { text: async () => text }],
    ['json() alone, the usual stub in tests', { json: async () => ({ a: '\u00eb' }) }],
    ['arrayBuffer() alone', { arrayBuffer: async () => bytes.buffer }],
  ])('reads %s, and counts it', async (_name, answer) => {
    const response = { status: 200, ...answer } as Response
    const again = () => ({ ...response, ...(response.body && { body: Readable.from([bytes]) }) })
    expect(await readJson(response, bytes.length)).toEqual({ a: '\u00eb' })
    await expect(readJson(again() as Response, bytes.length - 1)).rejects.toMatchObject({
      reason: 'answer_too_large',
    })
  })
  test('reads a web stream without an iterator of its own, as some browsers have it', async () => {
    const { response, canceled } = streamed(bytes, bytes, bytes)
    const { body } = response
    const answer = { status: 200, body: { getReader: () => body?.getReader() } }
    await expect(readJson(answer as Response, bytes.length)).rejects.toMatchObject({
      reason: 'answer_too_large',
    })
    expect(canceled()).toBe(true)
  })
  test('says what was found and what to do', async () => {
    await expect(readJson(new Response('{"a":1}'), 3)).rejects.toThrow(
      'the account API answered with more than 3 bytes: check baseUrl, or raise maxResponseBytes',
    )
    await expect(readJson(new Response('<html>', { status: 201 }), 9)).rejects.toThrow(
      'the account API answered 201 without a JSON object: check baseUrl and proxies',
    )
  })
  test('says what a fetch function must return', async () => {
    const read = readJson({ status: 200 } as Response, 100)
    await expect(read).rejects.toMatchObject({ reason: 'answer_invalid', status: 200 })
    await expect(read).rejects.toThrow(/must return a Response/)
  })
  test('bytes that are not UTF-8 are not JSON', async () => {
    const read = readJson(new Response(Uint8Array.of(0x22, 0xff, 0x22)), 100)
    await expect(read).rejects.toMatchObject({ reason: 'answer_invalid' })
  })
  test.each(['{', '"', '[', '\\u', ' ', '1', '{"a":'])(
    'many %p take linear time',
    async (piece) => {
      await expectLinear(
        (size) => readJson(new Response(piece.repeat(size)), 1e6).catch(() => {}),
        500,
      )
    },
  )
  test('an answer in 1-byte chunks takes linear time', async () => {
    const chunksOf = (size: number) => Array.from({ length: size }, () => Uint8Array.of(0x20))
    await expectLinear(
      (size) => readJson(streamed(...chunksOf(size)).response, 1e6).catch(() => {}),
      200,
    )
  })
  test('refuses an answer without a body', async () => {
    const read = readJson(new Response(null, { status: 204 }), 1000)
    await expect(read).rejects.toMatchObject({ reason: 'answer_invalid', status: 204 })
  })
})
