import { describe, expect, test } from '@jest/globals'
import { readJson } from '../../../src/account/read-json.js'

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
  test('refuses an answer without a body', async () => {
    const read = readJson(new Response(null, { status: 204 }), 1000)
    await expect(read).rejects.toMatchObject({ reason: 'answer_invalid', status: 204 })
  })
})
